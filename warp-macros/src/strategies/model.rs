//! What `#[strategies]` is given: the strategies of a module, with everything checked.

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Ident, ImplItem, Item, ItemImpl, ItemMod, Meta, Type, UseTree};

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
    /// Whether the struct stands here, and not in a file of its own that is re-exported.
    is_here: bool,
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
            let is_here = matches!(item, Item::Struct(_));
            let Some((ident, attributes)) = named(item) else { continue };
            let Some(attribute) = take_strategy_attribute(attributes) else { continue };
            let hit = parse_hit(&attribute, &mut errors);
            let docs: Vec<_> =
                attributes.iter().filter(|a| a.path().is_ident("doc")).cloned().collect();
            let Some(ident) = ident else {
                let text = "a strategy is re-exported by itself: `pub use path::Name;`";
                errors.add(attribute.span(), text);
                continue;
            };
            if docs.is_empty() {
                errors.add(
                    ident.span(),
                    format!(
                        "{ident} needs a doc comment: what it evicts, its costs, when it loses"
                    ),
                );
            }
            strategies.push(Strategy { ident, docs, hit, is_here });
        }
        if strategies.is_empty() {
            errors.add(module.ident.span(), "no struct here has #[strategy(hit = ..)]");
        }
        // The compiler finds what is amiss in another file.
        for strategy in strategies.iter().filter(|strategy| strategy.is_here) {
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
        if let Some((_, attributes)) = named(item) {
            take_strategy_attribute(attributes);
        }
    }
    Ok(module)
}

/// What may be a strategy: a struct, or the re-export of one; and its name, if it has just one.
fn named(item: &mut Item) -> Option<(Option<Ident>, &mut Vec<Attribute>)> {
    match item {
        Item::Struct(item) => Some((Some(item.ident.clone()), &mut item.attrs)),
        Item::Use(item) => Some((last_name(&item.tree), &mut item.attrs)),
        _ => None,
    }
}

fn last_name(tree: &UseTree) -> Option<Ident> {
    match tree {
        UseTree::Path(path) => last_name(&path.tree),
        UseTree::Name(name) => Some(name.ident.clone()),
        UseTree::Rename(rename) => Some(rename.rename.clone()),
        UseTree::Glob(_) | UseTree::Group(_) => None,
    }
}

fn take_strategy_attribute(attributes: &mut Vec<Attribute>) -> Option<Attribute> {
    let index = attributes.iter().position(|a| a.path().is_ident("strategy"))?;
    Some(attributes.remove(index))
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
