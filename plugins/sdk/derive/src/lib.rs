//! Derives for the options of a plugin: one Rust type gives both the specifications and the reading.
//!
//! Used through `vpo_plugin_sdk`, which documents the attributes beside the traits they implement.

mod choice;
mod fields;
mod nodes;
mod options;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `Options` for a struct: one node, with its arguments, properties and children.
#[proc_macro_derive(Options, attributes(node, argument, arguments, property, child, children, any_of, flatten))]
pub fn derive_options(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    options::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Derives `OneOf` for an enum: each variant holds one `Options` type and is a node of its own name.
#[proc_macro_derive(OneOf, attributes(option))]
pub fn derive_one_of(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    nodes::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Derives `Scalar` for an enum without fields: a text that must be one of the variants' names.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    choice::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
