//! What the attributes of a field say, and small readings of Rust syntax that all derives share.

use proc_macro2::Span;
use syn::{Attribute, Error, Expr, Field, GenericArgument, Ident, LitStr, PathArguments, Result, Type};

/// Where the value of a field stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Index of the node itself.
    Node,
    Argument,
    /// All arguments that are left.
    Arguments,
    Property,
    /// One child node of this name.
    Child,
    /// Every child node of this name.
    Children,
    /// Every child node that is one of the variants of an enum.
    AnyOf,
    /// A struct whose values stand in the same node.
    Flatten,
}

/// How often the type of a field allows the value to be there.
pub enum Wrapped<'a> {
    Bare(&'a Type),
    Option(&'a Type),
    Vec(&'a Type),
}

/// One field with what its attribute says.
pub struct FieldOption<'a> {
    pub ident: &'a Ident,
    pub place: Place,
    pub name: String,
    pub default: Option<Expr>,
    /// At least one of a repeated value must be there.
    pub required: bool,
    pub wrapped: Wrapped<'a>,
    pub ty: &'a Type,
    pub summary: String,
}

impl<'a> FieldOption<'a> {
    pub fn read(field: &'a Field) -> Result<Self> {
        let ident = field.ident.as_ref().ok_or_else(|| Error::new(Span::call_site(), "fields must have names"))?;
        let mut found = None;
        for attribute in &field.attrs {
            if let Some(place) = place_of(attribute) {
                if found.is_some() {
                    return Err(Error::new_spanned(attribute, "a field stands in one place"));
                }
                found = Some((place, attribute));
            }
        }
        let Some((place, attribute)) = found else {
            return Err(Error::new_spanned(
                field,
                "say where it stands: #[node], #[argument], #[arguments], #[property], #[child], #[children], #[any_of] or #[flatten]",
            ));
        };

        let mut name = kebab(&ident.to_string());
        let mut default = None;
        let mut required = false;
        if !matches!(attribute.meta, syn::Meta::Path(_)) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    name = meta.value()?.parse::<LitStr>()?.value();
                } else if meta.path.is_ident("default") {
                    default = Some(meta.value()?.parse::<Expr>()?);
                } else if meta.path.is_ident("required") {
                    required = true;
                } else {
                    return Err(meta.error("known words are `name`, `default` and `required`"));
                }
                Ok(())
            })?;
        }

        Ok(Self {
            ident,
            place,
            name,
            default,
            required,
            wrapped: unwrap(&field.ty),
            ty: &field.ty,
            summary: documentation(&field.attrs),
        })
    }
}

fn place_of(attribute: &Attribute) -> Option<Place> {
    let name = attribute.path().get_ident()?.to_string();
    Some(match name.as_str() {
        "node" => Place::Node,
        "argument" => Place::Argument,
        "arguments" => Place::Arguments,
        "property" => Place::Property,
        "child" => Place::Child,
        "children" => Place::Children,
        "any_of" => Place::AnyOf,
        "flatten" => Place::Flatten,
        _ => return None,
    })
}

/// Sees through `Option<T>` and `Vec<T>`.
fn unwrap(ty: &Type) -> Wrapped<'_> {
    if let Type::Path(path) = ty {
        if let Some(last) = path.path.segments.last() {
            if let PathArguments::AngleBracketed(arguments) = &last.arguments {
                if let Some(GenericArgument::Type(inner)) = arguments.args.first() {
                    if last.ident == "Option" {
                        return Wrapped::Option(inner);
                    }
                    if last.ident == "Vec" {
                        return Wrapped::Vec(inner);
                    }
                }
            }
        }
    }
    Wrapped::Bare(ty)
}

/// The doc comment as one line.
pub fn documentation(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let syn::Meta::NameValue(pair) = &attribute.meta {
            if let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value {
                lines.push(text.value().trim().to_owned());
            }
        }
    }
    lines.join(" ").trim().to_owned()
}

/// `keep_forced` and `KeepForced` both become `keep-forced`.
pub fn kebab(name: &str) -> String {
    let mut out = String::new();
    for (place, letter) in name.trim_start_matches("r#").chars().enumerate() {
        if letter == '_' {
            out.push('-');
        } else if letter.is_uppercase() {
            if place > 0 {
                out.push('-');
            }
            out.extend(letter.to_lowercase());
        } else {
            out.push(letter);
        }
    }
    out
}

/// The name that an enum's variant has in KDL, which an attribute may change.
pub fn variant_name(variant: &syn::Variant, attribute: &str) -> Result<String> {
    let mut name = kebab(&variant.ident.to_string());
    for found in variant.attrs.iter().filter(|found| found.path().is_ident(attribute)) {
        found.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                name = meta.value()?.parse::<LitStr>()?.value();
                return Ok(());
            }
            Err(meta.error("the known word is `name`"))
        })?;
    }
    Ok(name)
}
