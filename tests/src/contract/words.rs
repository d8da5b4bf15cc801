//! Types and functions of the contract as WIT writes them.

use wit_parser::{Docs, Function, Handle, Type, TypeDef, TypeDefKind};

use super::Contract;

impl Contract {
    pub(super) fn signature(&self, function: &Function) -> String {
        let parameters: Vec<String> =
            function.params.iter().map(|one| format!("{}: {}", one.name, self.type_name(&one.ty))).collect();
        let result = function.result.as_ref().map(|ty| format!(" -> {}", self.type_name(ty))).unwrap_or_default();
        format!("{}: func({}){result}", function.item_name(), parameters.join(", "))
    }

    /// What a type is; its parts on lines of their own with their comments, or all on one line.
    pub(super) fn definition(&self, of: &TypeDef, between: &str, comment: impl Fn(&Docs) -> String) -> String {
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

    pub(super) fn type_name(&self, ty: &Type) -> String {
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
