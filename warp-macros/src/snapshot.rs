//! Expansions as text, compared with what they were.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;

/// Compares with `NAME.expanded.rs` among the module's tests, or writes it.
pub(crate) fn is_as_before(module: &str, name: &str, tokens: TokenStream) {
    let file = syn::parse2(tokens).unwrap_or_else(|error| panic!("{name} does not parse: {error}"));
    let text = prettyplease::unparse(&file);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module).join("tests");
    let path = folder.join(format!("{name}.expanded.rs"));
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, text).expect("the snapshot can be written");
        return;
    }
    let before = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if text == before {
        return;
    }
    let new = folder.join(format!("{name}.expanded.rs.new"));
    fs::write(&new, text).expect("the new text can be written");
    panic!(
        "{} is expanded otherwise than before: compare with {}, and accept it by \
         UPDATE_SNAPSHOTS=1",
        path.display(),
        new.display()
    );
}
