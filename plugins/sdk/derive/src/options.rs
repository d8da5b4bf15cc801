//! `Options`: one node with its arguments, properties and children.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Expr, ExprLit, ExprUnary, Fields, Lit, Result, Type, UnOp};

use crate::fields::{FieldOption, Place, Wrapped};

pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "options are a struct; for any of several nodes derive OneOf"));
    };
    let fields = match &data.fields {
        Fields::Named(named) => named.named.iter().map(FieldOption::read).collect::<Result<Vec<_>>>()?,
        Fields::Unit => Vec::new(),
        Fields::Unnamed(_) => return Err(Error::new_spanned(input, "fields must have names")),
    };

    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let values = fields.iter().map(value_spec).collect::<Result<Vec<_>>>()?;
    let children = fields.iter().map(child_spec).collect::<Result<Vec<_>>>()?;
    let has_children = fields.iter().map(has_children);
    let idents: Vec<_> = fields.iter().map(|field| field.ident).collect();
    let reads = fields.iter().map(read).collect::<Result<Vec<_>>>()?;
    let construct = match &data.fields {
        Fields::Unit => quote!(Self),
        _ => quote!(Self { #(#idents: #idents?),* }),
    };

    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::vpo_plugin_sdk::options::Options for #ident #type_generics #where_clause {
            const HAS_CHILDREN: bool = false #(|| #has_children)*;

            #[allow(unused_variables)]
            fn describe_values(values: &mut ::vpo_plugin_sdk::options::Values) {
                #(#values)*
            }

            #[allow(unused_variables)]
            fn describe_children(specs: &mut ::vpo_plugin_sdk::options::Specs, parent: ::core::option::Option<u32>) {
                #(#children)*
            }

            #[allow(unused_variables)]
            fn read(at: &::vpo_plugin_sdk::options::Reader<'_>) -> ::core::option::Option<Self> {
                // Everything is read before anything is given up, so that all mistakes are told at once.
                #(#reads)*
                ::core::option::Option::Some(#construct)
            }
        }
    })
}

fn value_spec(field: &FieldOption<'_>) -> Result<TokenStream> {
    let (name, summary, ty) = (&field.name, &field.summary, field.ty);
    let list = match field.place {
        Place::Argument | Place::Arguments => quote!(arguments),
        Place::Property => quote!(properties),
        Place::Flatten => return Ok(quote!(<#ty as ::vpo_plugin_sdk::options::Options>::describe_values(values);)),
        _ => return Ok(quote!()),
    };
    let (inner, required, repeats) = match (&field.wrapped, field.place) {
        (Wrapped::Vec(inner), Place::Arguments) => (*inner, field.required, true),
        (_, Place::Arguments) => return Err(Error::new_spanned(ty, "#[arguments] is a Vec")),
        (Wrapped::Option(inner), _) => (*inner, false, false),
        (Wrapped::Bare(inner), _) => (*inner, field.default.is_none(), false),
        (Wrapped::Vec(_), _) => return Err(Error::new_spanned(ty, "only #[arguments] repeat")),
    };
    let default = match &field.default {
        Some(written) => {
            let value = typed(written, inner);
            quote! {
                ::core::option::Option::Some({
                    let default: #inner = #value;
                    ::vpo_plugin_sdk::options::Scalar::to_value(&default)
                })
            }
        }
        None => quote!(::core::option::Option::None),
    };
    Ok(quote! {
        values.#list.push(::vpo_plugin_sdk::options::value_spec::<#inner>(#name, #required, #repeats, #default, #summary));
    })
}

/// A default in the type of its field: a number becomes what the field is, a text a `String`.
fn typed(written: &Expr, ty: &Type) -> TokenStream {
    let number = match written {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => expr,
        written => written,
    };
    let is_plain = matches!(number, Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.suffix().is_empty());
    let is_primitive = matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| {
        ["u8", "u16", "u32", "u64", "i32", "i64", "f64"].iter().any(|known| name == known)
    }));
    match is_plain && is_primitive {
        true => quote!((#written as #ty)),
        false => quote!(::core::convert::Into::into(#written)),
    }
}

fn child_spec(field: &FieldOption<'_>) -> Result<TokenStream> {
    let (name, summary, ty) = (&field.name, &field.summary, field.ty);
    Ok(match (field.place, &field.wrapped) {
        (Place::Child, Wrapped::Option(inner)) => {
            quote!(specs.option::<#inner>(parent, #name, false, false, #summary);)
        }
        (Place::Child, Wrapped::Bare(inner)) => quote!(specs.option::<#inner>(parent, #name, true, false, #summary);),
        (Place::Children, Wrapped::Vec(inner)) => {
            let required = field.required;
            quote!(specs.option::<#inner>(parent, #name, #required, true, #summary);)
        }
        (Place::AnyOf, Wrapped::Vec(inner)) => {
            quote!(<#inner as ::vpo_plugin_sdk::options::OneOf>::describe(specs, parent);)
        }
        (Place::Flatten, _) => quote!(<#ty as ::vpo_plugin_sdk::options::Options>::describe_children(specs, parent);),
        (Place::Child, _) => return Err(Error::new_spanned(ty, "#[child] is one, or an Option; see #[children]")),
        (Place::Children | Place::AnyOf, _) => return Err(Error::new_spanned(ty, "must be a Vec")),
        _ => quote!(),
    })
}

fn has_children(field: &FieldOption<'_>) -> TokenStream {
    let ty = field.ty;
    match field.place {
        Place::Child | Place::Children | Place::AnyOf => quote!(true),
        Place::Flatten => quote!(<#ty as ::vpo_plugin_sdk::options::Options>::HAS_CHILDREN),
        _ => quote!(false),
    }
}

fn read(field: &FieldOption<'_>) -> Result<TokenStream> {
    let (ident, name, ty) = (field.ident, &field.name, field.ty);
    let one = |found: TokenStream| match (&field.wrapped, &field.default) {
        (Wrapped::Option(inner), _) => quote!(at.optional::<#inner>(#found)),
        (_, Some(default)) => {
            let value = typed(default, ty);
            quote!(at.optional::<#ty>(#found).map(|value| value.unwrap_or_else(|| #value)))
        }
        (_, None) => quote!(at.required::<#ty>(#found, #name)),
    };
    let value = match field.place {
        Place::Node => quote!(::core::option::Option::Some(at.node())),
        Place::Argument => one(quote!(at.next_argument())),
        Place::Property => one(quote!(at.property(#name))),
        Place::Arguments => quote!(at.arguments()),
        Place::Child => match &field.wrapped {
            Wrapped::Option(inner) => quote!(at.optional_child::<#inner>(#name)),
            _ => quote!(at.required_child::<#ty>(#name)),
        },
        Place::Children => quote!(at.children(#name)),
        Place::AnyOf => quote!(at.any_of()),
        Place::Flatten => quote!(<#ty as ::vpo_plugin_sdk::options::Options>::read(at)),
    };
    Ok(quote!(let #ident: ::core::option::Option<#ty> = #value;))
}
