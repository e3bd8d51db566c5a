//! What `#[strategies]` is given: the strategies of a module, with everything checked.

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Ident, ImplItem, Item, ItemImpl, ItemMod, ItemStruct, Meta, Type};

use crate::errors::Errors;

/// The methods that every `impl Policy` writes.
const METHODS: [&str; 5] = ["inserted", "hit", "removed", "victim", "validate"];

/// How a hit reaches the strategy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hit {
    Exclusive,
    Shared,
}

pub(super) struct Strategy {
    pub(super) ident: Ident,
    pub(super) docs: Vec<Attribute>,
    pub(super) hit: Hit,
}

pub(super) struct Model {
    /// The module with the `#[strategy]` attributes taken off.
    pub(super) module: ItemMod,
    pub(super) strategies: Vec<Strategy>,
}

impl Model {
    /// Reads the module; the error holds everything that is wrong with it.
    pub(super) fn parse(options: TokenStream, module: TokenStream) -> syn::Result<Model> {
        let mut module: ItemMod = syn::parse2(module).map_err(|error| {
            Error::new(error.span(), "#[strategies] stands on a module, `mod strategies { .. }`")
        })?;
        let mut errors = Errors::default();
        if !options.is_empty() {
            errors.add(options.span(), "#[strategies] takes no options");
        }
        let Some((_, items)) = &mut module.content else {
            errors.add(
                module.span(),
                "#[strategies] needs the module's body here: `mod strategies { .. }`",
            );
            return Err(errors.finish().unwrap_err());
        };
        let mut strategies = Vec::new();
        for item in items.iter_mut() {
            let Item::Struct(item) = item else { continue };
            if let Some(attribute) = take_strategy_attribute(item) {
                let hit = parse_hit(&attribute, &mut errors);
                let docs: Vec<_> =
                    item.attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect();
                if docs.is_empty() {
                    errors.add(
                        item.ident.span(),
                        format!(
                            "{} needs a doc comment: what it evicts, its costs, when it loses",
                            item.ident
                        ),
                    );
                }
                strategies.push(Strategy { ident: item.ident.clone(), docs, hit });
            }
        }
        if strategies.is_empty() {
            errors.add(module.ident.span(), "no struct here has #[strategy(hit = ..)]");
        }
        for strategy in &strategies {
            check_impls(strategy, items, &mut errors);
        }
        errors.finish()?;
        Ok(Model { module, strategies })
    }
}

/// The module as it was, less the attributes that only `#[strategies]` understands.
pub(super) fn without_strategy_attributes(module: TokenStream) -> syn::Result<ItemMod> {
    let mut module: ItemMod = syn::parse2(module)?;
    for item in module.content.iter_mut().flat_map(|(_, items)| items) {
        if let Item::Struct(item) = item {
            take_strategy_attribute(item);
        }
    }
    Ok(module)
}

fn take_strategy_attribute(item: &mut ItemStruct) -> Option<Attribute> {
    let index = item.attrs.iter().position(|a| a.path().is_ident("strategy"))?;
    Some(item.attrs.remove(index))
}

fn parse_hit(attribute: &Attribute, errors: &mut Errors) -> Hit {
    let mut hit = None;
    let mut misspelt = false;
    if let Meta::List(_) = attribute.meta {
        let parsed = attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("hit") {
                misspelt = true;
                return Err(meta.error(
                    "unknown option; #[strategy(..)] takes `hit = exclusive` or `hit = shared`",
                ));
            }
            let value: Ident = meta.value()?.parse()?;
            let parsed = match value.to_string().as_str() {
                "exclusive" => Hit::Exclusive,
                "shared" => Hit::Shared,
                other => {
                    misspelt = true;
                    let text = format!("hit is `{other}`, and has to be `exclusive` or `shared`");
                    return Err(Error::new(value.span(), text));
                }
            };
            if hit.replace(parsed).is_some() {
                return Err(meta.error("`hit` is given twice"));
            }
            Ok(())
        });
        if let Err(error) = parsed {
            misspelt = true;
            errors.push(error);
        }
    }
    if hit.is_none() && !misspelt {
        errors.add(attribute.span(), "#[strategy] needs `hit = exclusive` or `hit = shared`");
    }
    hit.unwrap_or(Hit::Exclusive)
}

fn check_impls(strategy: &Strategy, items: &[Item], errors: &mut Errors) {
    let name = &strategy.ident;
    match find_impl(items, "Policy", name) {
        None => errors
            .add(name.span(), format!("{name} has no `impl Policy for {name}` in this module")),
        Some(item) => {
            for method in METHODS {
                if !has_method(item, method) {
                    errors.add(
                        item.self_ty.span(),
                        format!("`impl Policy for {name}` has no `fn {method}`"),
                    );
                }
            }
        }
    }
    let shared = find_impl(items, "SharedHit", name);
    match (strategy.hit, shared) {
        (Hit::Shared, None) => errors.add(
            name.span(),
            format!("{name} has `hit = shared` and no `impl SharedHit for {name}` in this module"),
        ),
        (Hit::Exclusive, Some(item)) => errors.add(
            item.self_ty.span(),
            format!("{name} has `impl SharedHit` and `hit = exclusive`; say `hit = shared`"),
        ),
        _ => {}
    }
}

fn find_impl<'a>(items: &'a [Item], of: &str, name: &Ident) -> Option<&'a ItemImpl> {
    items.iter().find_map(|item| match item {
        Item::Impl(item) => {
            let (_, path, _) = item.trait_.as_ref()?;
            let is_trait = path.segments.last()?.ident == of;
            let is_type = matches!(&*item.self_ty, Type::Path(ty) if ty.path.is_ident(name));
            (is_trait && is_type).then_some(item)
        }
        _ => None,
    })
}

fn has_method(item: &ItemImpl, name: &str) -> bool {
    item.items.iter().any(|item| matches!(item, ImplItem::Fn(method) if method.sig.ident == name))
}
