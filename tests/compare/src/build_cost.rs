//! What an attribute costs to build: its crates from nothing, and functions that carry it.

use std::io;
use std::path::Path;

use crate::ours;
use crate::packages::{Cost, Package, medians};
use crate::report::{Progress, Report, Target};
use crate::table::Table;

const OURS: &str = "#[warp_cache]";
const COUNTS: [usize; 3] = [1, 10, 100];

pub fn measure(folder: &Path, quick: bool, report: &mut Report) -> io::Result<()> {
    let packages = packages(folder)?;
    let cold = cold(&packages)?;
    let (checks, sizes) = attributed(&packages, if quick { 3 } else { 9 })?;

    for (what, table, column, limit) in [
        ("cold debug build, CPU seconds", &cold, "CPU seconds", 11.0),
        ("crates in the tree", &cold, "crates", 16.0),
        ("100 functions: check, seconds", &checks, "100", 0.6),
        ("100 functions: debug rlib, MB", &sizes, "100", 9.0),
    ] {
        let measured = table.figure(OURS, column);
        report.hold(Target { what, measured, limit, at_least: false });
    }
    report.add(cold);
    report.add(checks);
    report.add(sizes);
    Ok(())
}

fn packages(folder: &Path) -> io::Result<Vec<Package>> {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../warp-cache").canonicalize()?;
    let ours = format!("warp-cache = {{ path = {engine:?} }}");
    let cached = "#[cached::macros::cached(max_size = 1000)]";
    let memoize = "#[memoize::memoize(SharedCache, Capacity: 1000)]";
    Ok(vec![
        Package::new(OURS, folder, &ours, ours::ATTRIBUTE, true)?,
        Package::new("#[cached]", folder, "cached = \"*\"", Some(cached), true)?,
        Package::new("#[memoize]", folder, "memoize = \"*\"", Some(memoize), false)?,
        Package::new("no attribute", folder, "", None, true)?,
    ])
}

fn cold(packages: &[Package]) -> io::Result<Table> {
    let mut cpu = Vec::new();
    let mut wall = Vec::new();
    let mut crates = Vec::new();
    for package in packages {
        let _progress = Progress::on(format!("cold build, {}", package.name));
        package.write(0)?;
        package.clean()?;
        let cost = package.cargo("build")?;
        cpu.push((package.name.to_owned(), cost.cpu));
        wall.push((package.name.to_owned(), cost.wall));
        crates.push((package.name.to_owned(), package.crates()? as f64));
    }
    let mut table = Table::new("Cold debug build", "of the crates that the attribute needs");
    table.add("CPU seconds", 1, cpu);
    table.add("seconds", 1, wall);
    table.add("crates", 0, crates);
    Ok(table)
}

/// How long a check takes, and how large a library becomes, by the number of functions.
fn attributed(packages: &[Package], rounds: usize) -> io::Result<(Table, Table)> {
    // Without an attribute of ours there is nothing to compare.
    let packages: Vec<_> =
        packages.iter().filter(|it| it.name != OURS || ours::ATTRIBUTE.is_some()).collect();
    let mut checks = Table::new(
        "cargo check by the number of functions, seconds",
        "not incremental, dependencies checked before; cargo's own start is in it",
    );
    let mut sizes = Table::new("Debug rlib by the number of functions, MB", "");
    for count in COUNTS {
        let progress = Progress::on(format!("check and build, {count} functions"));
        let mut costs: Vec<Vec<Cost>> = packages.iter().map(|_| Vec::new()).collect();
        let mut megabytes = Vec::new();
        for package in &packages {
            package.write(count)?;
            package.cargo("check")?;
            package.cargo("build")?;
            megabytes.push((package.name.to_owned(), package.rlib_megabytes()?));
        }
        for round in 0..rounds {
            for turn in 0..packages.len() {
                let turn = (round + turn) % packages.len();
                // Written anew, it is checked anew.
                packages[turn].write(count)?;
                costs[turn].push(packages[turn].cargo("check")?);
            }
            progress.show((round + 1) as f64 / rounds as f64);
        }
        let of = |what: fn(&Cost) -> f64| {
            let medians = costs.iter().map(|costs| what(&medians(costs)));
            packages.iter().map(|it| it.name.to_owned()).zip(medians).collect()
        };
        checks.add(&count.to_string(), 2, of(|cost| cost.wall));
        checks.add(&format!("{count}, CPU"), 2, of(|cost| cost.cpu));
        sizes.add(&count.to_string(), 2, megabytes);
    }
    Ok((checks, sizes))
}
