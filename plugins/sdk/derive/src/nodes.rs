//! `OneOf`: any of several nodes, each with a type of its own.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::fields::{documentation, variant_name};

pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(input, "only an enum is one of several nodes"));
    };
    let ident = &input.ident;
    let mut names = Vec::new();
    let mut summaries = Vec::new();
    let mut variants = Vec::new();
    let mut types = Vec::new();
    for variant in &data.variants {
        let Fields::Unnamed(fields) = &variant.fields else {
            return Err(Error::new_spanned(variant, "each variant holds one type that derives Options"));
        };
        let [field] = fields.unnamed.iter().collect::<Vec<_>>()[..] else {
            return Err(Error::new_spanned(variant, "each variant holds one type that derives Options"));
        };
        names.push(variant_name(variant, "option")?);
        summaries.push(documentation(&variant.attrs));
        variants.push(&variant.ident);
        types.push(&field.ty);
    }

    Ok(quote! {
        #[automatically_derived]
        impl ::vpo_plugin_sdk::options::OneOf for #ident {
            fn describe(specs: &mut ::vpo_plugin_sdk::options::Specs, parent: ::core::option::Option<u32>) {
                #(specs.option::<#types>(parent, #names, false, true, #summaries);)*
            }

            fn is_named(name: &str) -> bool {
                [#(#names),*].contains(&name)
            }

            fn read(at: &::vpo_plugin_sdk::options::Reader<'_>) -> ::core::option::Option<Self> {
                match at.name() {
                    #(#names => <#types as ::vpo_plugin_sdk::options::Options>::read(at).map(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    })
}
