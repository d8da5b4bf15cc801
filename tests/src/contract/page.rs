//! The page of the documentation about the contract: its comments, in the order in which they are best read.

use std::fmt::Write as _;

use wit_parser::{Docs, FunctionKind, Type, TypeDefKind, TypeId};

use super::Contract;

impl Contract {
    /// The page of the documentation.
    pub fn page(&self) -> String {
        let mut page = String::new();
        let package = &self.resolve.packages[self.package];
        writeln!(page, "# The contract: `{}`\n", self.version()).expect("a String takes all");
        page.push_str("<!-- Written by `make contract` from wit/; change the comments there. -->\n\n");
        page.push_str(&paragraph(&package.docs, ""));
        page.push_str("How it may change is said in [wit/README.md](../wit/README.md).\n\n## Worlds\n");
        for (name, id) in self.worlds() {
            writeln!(page, "\n### World `{name}`\n").expect("a String takes all");
            page.push_str(&paragraph(&self.resolve.worlds[id].docs, ""));
            for line in self.world(id) {
                writeln!(page, "- {line}").expect("a String takes all");
            }
        }
        for (name, id) in self.interfaces() {
            let interface = &self.resolve.interfaces[id];
            writeln!(page, "\n## Interface `{name}`\n").expect("a String takes all");
            page.push_str(&paragraph(&interface.docs, ""));
            for (name, ty) in &interface.types {
                self.type_on_page(&mut page, name, *ty);
            }
            for function in interface.functions.values().filter(|one| one.kind == FunctionKind::Freestanding) {
                writeln!(page, "### `{}`\n\n```wit\n{}\n```\n", function.name, self.signature(function))
                    .expect("takes all");
                page.push_str(&paragraph(&function.docs, ""));
            }
        }
        format!("{}\n", page.trim_end())
    }

    fn type_on_page(&self, page: &mut String, name: &str, ty: TypeId) {
        let of = &self.resolve.types[ty];
        if let TypeDefKind::Type(Type::Id(other)) = of.kind {
            let other = &self.resolve.types[other];
            if other.name.as_deref() == Some(name) {
                return;
            }
        }
        let comment = |docs: &Docs| match paragraph(docs, "    /// ") {
            text if text.is_empty() => String::new(),
            text => format!("{}\n", text.trim_end()),
        };
        let definition = self.definition(of, "\n", comment);
        writeln!(page, "### `{name}`\n\n```wit\n{definition}\n```\n").expect("a String takes all");
        page.push_str(&paragraph(&of.docs, ""));
        if matches!(of.kind, TypeDefKind::Resource) {
            let owner = self.resolve.interfaces.iter().find(|(_, one)| one.types.values().any(|one| *one == ty));
            let methods = owner.into_iter().flat_map(|(_, one)| one.functions.values());
            for method in methods.filter(|one| matches!(one.kind, FunctionKind::Method(of) if of == ty)) {
                writeln!(page, "- `{}`: {}", self.signature(method), paragraph(&method.docs, "").trim())
                    .expect("takes all");
            }
            page.push('\n');
        }
    }
}

/// A comment as a paragraph, each line led by something.
fn paragraph(docs: &Docs, lead: &str) -> String {
    let Some(contents) = &docs.contents else { return String::new() };
    let mut text = String::new();
    for line in contents.trim().lines() {
        writeln!(text, "{}", format!("{lead}{line}").trim_end()).expect("a String takes all");
    }
    if lead.is_empty() { format!("{text}\n") } else { text }
}
