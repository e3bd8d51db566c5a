//! Questions about types as they are written.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{GenericArgument, Ident, PathArguments, Type, TypeParamBound};

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
pub(super) fn borrow(ty: &Type) -> Option<Span> {
    find(ty, &|ty| match ty {
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => None,
            _ => Some(reference.span()),
        },
        Type::Path(path) => {
            path.path.segments.iter().find_map(|segment| match &segment.arguments {
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().find_map(|argument| match argument {
                        GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
                            Some(lifetime.span())
                        }
                        _ => None,
                    })
                }
                _ => None,
            })
        }
        Type::TraitObject(object) => object.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Lifetime(lifetime) if lifetime.ident != "static" => {
                Some(lifetime.span())
            }
            _ => None,
        }),
        _ => None,
    })
}

/// Where a type says `impl Trait`.
pub(super) fn impl_trait(ty: &Type) -> Option<Span> {
    find(ty, &|ty| match ty {
        Type::ImplTrait(ty) => Some(ty.span()),
        _ => None,
    })
}

/// Where a type says `&mut`.
pub(super) fn exclusive(ty: &Type) -> Option<Span> {
    find(ty, &|ty| match ty {
        Type::Reference(reference) if reference.mutability.is_some() => Some(reference.span()),
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
