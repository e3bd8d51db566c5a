//! Questions about types as they are written.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Ident, Path, PathArguments, Type, TypeParamBound};

/// A type without the parentheses and groups around it.
pub(super) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => bare(&inner.elem),
        Type::Group(inner) => bare(&inner.elem),
        ty => ty,
    }
}

/// The last word of a type's path, with what it is given between angle brackets.
pub(super) fn named(ty: &Type) -> Option<(&Ident, Vec<&Type>)> {
    let Type::Path(path) = bare(ty) else { return None };
    let segment = path.path.segments.last()?;
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    Some((&segment.ident, arguments))
}

/// Where a type borrows for less than `'static`, if it does.
pub(super) fn borrow(ty: &Type) -> Option<TokenStream> {
    find(ty, &|ty| match ty {
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => None,
            _ => Some(reference.to_token_stream()),
        },
        Type::Path(path) => lifetime(&path.path),
        Type::TraitObject(object) => object.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Lifetime(lifetime) if lifetime.ident != "static" => {
                Some(lifetime.to_token_stream())
            }
            // `dyn for<'a> Trait<'a>` borrows nothing.
            TypeParamBound::Trait(bound) if bound.lifetimes.is_none() => lifetime(&bound.path),
            _ => None,
        }),
        _ => None,
    })
}

/// Where an argument's type borrows but at the places at which a key is made of what is borrowed: in
/// `&[&str]` the second time.
pub(super) fn inner_borrow(ty: &Type) -> Option<TokenStream> {
    match bare(ty) {
        Type::Reference(reference) => inner_borrow(&reference.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(inner_borrow),
        ty => match named(ty) {
            Some((name, inner)) if inner.len() == 1 && (name == "Option" || name == "Cow") => {
                inner_borrow(inner[0])
            }
            _ => borrow(ty),
        },
    }
}

/// A lifetime that a path is given, other than `'static`.
fn lifetime(path: &Path) -> Option<TokenStream> {
    path.segments.iter().find_map(|segment| {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
                Some(lifetime.to_token_stream())
            }
            _ => None,
        })
    })
}

/// Where a type says `impl Trait`.
pub(super) fn impl_trait(ty: &Type) -> Option<TokenStream> {
    find(ty, &|ty| match ty {
        Type::ImplTrait(ty) => Some(ty.to_token_stream()),
        _ => None,
    })
}

/// Where a type says `&mut`.
pub(super) fn exclusive(ty: &Type) -> Option<TokenStream> {
    find(ty, &|ty| match ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            Some(reference.to_token_stream())
        }
        _ => None,
    })
}

/// The first answer for a type or for what it is made of; functions' own arguments aside.
fn find<T>(ty: &Type, ask: &impl Fn(&Type) -> Option<T>) -> Option<T> {
    if let Some(answer) = ask(ty) {
        return Some(answer);
    }
    match ty {
        Type::Array(array) => find(&array.elem, ask),
        Type::Group(group) => find(&group.elem, ask),
        Type::Paren(paren) => find(&paren.elem, ask),
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => find(ty, ask),
                GenericArgument::AssocType(assoc) => find(&assoc.ty, ask),
                _ => None,
            })
        }),
        Type::Ptr(pointer) => find(&pointer.elem, ask),
        Type::Reference(reference) => find(&reference.elem, ask),
        Type::Slice(slice) => find(&slice.elem, ask),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(|ty| find(ty, ask)),
        _ => None,
    }
}

/// Whether one of the words is among the tokens.
pub(super) fn says(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => words.iter().any(|known| word == known),
        TokenTree::Group(group) => says(group.stream(), words),
        _ => false,
    })
}
