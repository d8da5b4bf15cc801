//! `Choice`: a text that is one of a few.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::fields::variant_name;

pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(input, "only an enum without fields is a choice"));
    };
    let ident = &input.ident;
    let mut names = Vec::new();
    let mut variants = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(variant, "a choice has no fields"));
        }
        names.push(variant_name(variant, "choice")?);
        variants.push(&variant.ident);
    }

    Ok(quote! {
        #[automatically_derived]
        impl ::vpo_plugin_sdk::options::Scalar for #ident {
            const KIND: ::vpo_plugin_sdk::about::ValueKind = ::vpo_plugin_sdk::about::ValueKind::Text;

            fn choices() -> &'static [&'static str] {
                &[#(#names),*]
            }

            fn from_value(value: &::vpo_plugin_sdk::types::Value) -> ::core::result::Result<Self, ::std::string::String> {
                match value {
                    #(::vpo_plugin_sdk::types::Value::Text(text) if text == #names => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(::vpo_plugin_sdk::options::expected_one_of(Self::choices())),
                }
            }

            fn to_value(&self) -> ::vpo_plugin_sdk::types::Value {
                ::vpo_plugin_sdk::types::Value::Text(::std::string::String::from(self.name()))
            }
        }

        #[automatically_derived]
        impl #ident {
            /// The word that stands in the profile.
            #[allow(dead_code)]
            pub fn name(&self) -> &'static str {
                match self {
                    #(Self::#variants => #names,)*
                }
            }
        }
    })
}
