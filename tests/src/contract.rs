//! The contract with plugins as data: every type, function and world of `wit/`, in a form that can be compared and shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use wit_parser::{
    Docs, Function, FunctionKind, Handle, InterfaceId, PackageId, Resolve, Type, TypeDef, TypeDefKind, TypeId, WorldId,
    WorldItem,
};

/// Values before what is made of them, what every plugin has before what one kind has.
const READ_FIRST: [&str; 10] =
    ["types", "log", "about", "manifest", "facts", "detector", "source", "tool", "introspector", "policy"];

/// The package `vpo:plugin`, parsed.
pub struct Contract {
    resolve: Resolve,
    package: PackageId,
}

impl Contract {
    /// Reads the package in a folder.
    pub fn read(folder: &Path) -> Self {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause:#}", folder.display()));
        Self { resolve, package }
    }

    /// `vpo:plugin@0.1.0`
    pub fn version(&self) -> String {
        self.resolve.packages[self.package].name.to_string()
    }

    /// What plugins are compiled against: for each type, function and world its form on one line, without comments.
    pub fn forms(&self) -> BTreeMap<String, String> {
        let mut forms = BTreeMap::new();
        for (interface, id) in self.interfaces() {
            let interface_of = &self.resolve.interfaces[id];
            for (name, ty) in &interface_of.types {
                forms.insert(
                    format!("{interface}.{name}"),
                    self.definition(&self.resolve.types[*ty], ", ", |_| String::new()),
                );
            }
            for (name, function) in &interface_of.functions {
                forms.insert(format!("{interface}.{name}"), self.signature(function));
            }
        }
        for (name, id) in self.worlds() {
            forms.insert(format!("world {name}"), self.world(id).join(", "));
        }
        forms
    }

    /// The same as text, one line each.
    pub fn normal_form(&self) -> String {
        let mut text = format!("{}\n", self.version());
        for (name, form) in self.forms() {
            writeln!(text, "{name} = {form}").expect("a String takes all");
        }
        text
    }

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

    /// The interfaces in the order in which they are best read; those that are not known here come last.
    fn interfaces(&self) -> Vec<(&str, InterfaceId)> {
        let package = &self.resolve.packages[self.package];
        let mut interfaces: Vec<_> = package.interfaces.iter().map(|(name, id)| (name.as_str(), *id)).collect();
        interfaces
            .sort_by_key(|(name, _)| (READ_FIRST.iter().position(|first| first == name).unwrap_or(usize::MAX), *name));
        interfaces
    }

    fn worlds(&self) -> impl Iterator<Item = (&str, WorldId)> {
        self.resolve.packages[self.package].worlds.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// Imports and exports of a world, without those that only bring types.
    fn world(&self, id: WorldId) -> Vec<String> {
        let world = &self.resolve.worlds[id];
        let named = |how: &str, (key, item): (&wit_parser::WorldKey, &WorldItem)| match item {
            WorldItem::Interface { id, .. } if self.resolve.interfaces[*id].functions.is_empty() => None,
            _ => Some(format!("{how} `{}`", self.resolve.name_world_key(key))),
        };
        let imports = world.imports.iter().filter_map(|one| named("imports", one));
        let mut all: Vec<String> =
            imports.chain(world.exports.iter().filter_map(|one| named("exports", one))).collect();
        // Imports first, and in an order that does not hang on where they are written.
        all.sort_by_key(|one| (one.starts_with("exports"), one.clone()));
        all
    }

    fn signature(&self, function: &Function) -> String {
        let parameters: Vec<String> =
            function.params.iter().map(|one| format!("{}: {}", one.name, self.type_name(&one.ty))).collect();
        let result = function.result.as_ref().map(|ty| format!(" -> {}", self.type_name(ty))).unwrap_or_default();
        format!("{}: func({}){result}", function.item_name(), parameters.join(", "))
    }

    /// What a type is; its parts on lines of their own with their comments, or all on one line.
    fn definition(&self, of: &TypeDef, between: &str, comment: impl Fn(&Docs) -> String) -> String {
        let name = of.name.as_deref().unwrap_or_default();
        let block = |word: &str, parts: Vec<(String, &Docs)>| match between {
            "\n" => {
                let parts: String =
                    parts.iter().map(|(part, docs)| format!("{}    {part},\n", comment(docs))).collect();
                format!("{word} {name} {{\n{parts}}}")
            }
            _ => {
                let parts: Vec<&str> = parts.iter().map(|(part, _)| part.as_str()).collect();
                format!("{word} {name} {{ {} }}", parts.join(between))
            }
        };
        match &of.kind {
            TypeDefKind::Record(record) => block(
                "record",
                record
                    .fields
                    .iter()
                    .map(|one| (format!("{}: {}", one.name, self.type_name(&one.ty)), &one.docs))
                    .collect(),
            ),
            TypeDefKind::Variant(variant) => block(
                "variant",
                variant
                    .cases
                    .iter()
                    .map(|one| {
                        let of = one.ty.as_ref().map(|ty| format!("({})", self.type_name(ty))).unwrap_or_default();
                        (format!("{}{of}", one.name), &one.docs)
                    })
                    .collect(),
            ),
            TypeDefKind::Enum(of) => block("enum", of.cases.iter().map(|one| (one.name.clone(), &one.docs)).collect()),
            TypeDefKind::Resource => format!("resource {name}"),
            _ => format!("type {name} = {}", self.kind_name(&of.kind)),
        }
    }

    fn type_name(&self, ty: &Type) -> String {
        match ty {
            Type::Id(id) => {
                let of = &self.resolve.types[*id];
                of.name.clone().unwrap_or_else(|| self.kind_name(&of.kind))
            }
            Type::Bool => "bool".to_owned(),
            Type::String => "string".to_owned(),
            Type::Char => "char".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    fn kind_name(&self, kind: &TypeDefKind) -> String {
        let or_none = |ty: &Option<Type>| ty.as_ref().map_or("_".to_owned(), |ty| self.type_name(ty));
        match kind {
            TypeDefKind::Option(ty) => format!("option<{}>", self.type_name(ty)),
            TypeDefKind::List(ty) => format!("list<{}>", self.type_name(ty)),
            TypeDefKind::Result(result) => format!("result<{}, {}>", or_none(&result.ok), or_none(&result.err)),
            TypeDefKind::Tuple(tuple) => {
                format!("tuple<{}>", tuple.types.iter().map(|ty| self.type_name(ty)).collect::<Vec<_>>().join(", "))
            }
            TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", self.type_name(&Type::Id(*id))),
            TypeDefKind::Handle(Handle::Own(id)) => self.type_name(&Type::Id(*id)),
            // Where a name comes from another interface, that interface is a part of what it means.
            TypeDefKind::Type(Type::Id(id)) => {
                let of = &self.resolve.types[*id];
                let owner = match of.owner {
                    wit_parser::TypeOwner::Interface(id) => {
                        self.resolve.interfaces[id].name.clone().unwrap_or_default()
                    }
                    _ => String::new(),
                };
                format!("{owner}.{}", of.name.as_deref().unwrap_or_default())
            }
            TypeDefKind::Type(ty) => self.type_name(ty),
            other => panic!("the contract has no {}", other.as_str()),
        }
    }
}

/// What a later form of the contract breaks of a released one: what is gone, what has another form, and functions of an
/// interface that plugins have already without them.
pub fn broken(released: &str, now: &Contract) -> Vec<String> {
    let forms = now.forms();
    let released: BTreeMap<&str, &str> = released.lines().skip(1).filter_map(|line| line.split_once(" = ")).collect();
    let changed = released.iter().filter_map(|(name, form)| match forms.get(*name) {
        // A name for a type of another interface may go; what it means stands there.
        None if form.starts_with("type ") && form.contains('.') => None,
        None => Some(format!("{name} is gone")),
        Some(now) if now != form => Some(format!("{name} was\n    {form}\nand is\n    {now}")),
        Some(_) => None,
    });
    let interface = |name: &str| name.split_once('.').map(|(interface, _)| interface.to_owned());
    let interfaces: BTreeSet<_> = released.keys().filter_map(|name| interface(name)).collect();
    let added = forms.iter().filter(|(name, form)| form.contains(": func(") && !released.contains_key(name.as_str()));
    let added = added.filter(|(name, _)| interface(name).is_some_and(|of| interfaces.contains(&of)));
    changed.chain(added.map(|(name, _)| format!("{name} is new in an interface that is not"))).collect()
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
