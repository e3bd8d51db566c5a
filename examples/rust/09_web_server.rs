//! A web server of several processes, under load: they compute each page once between them.
//!
//! cargo run --example 09_web_server

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, id};
use std::{collections::BTreeSet, env, fs, thread, time::SystemTime};
use warp_cache::warp_cache;

#[warp_cache(shared = "pages", ttl = 60s, single_flight)]
fn page(path: &str) -> String {
    format!("<h1>{path}</h1>, written by {} at {:?}", id(), SystemTime::now())
}

/// All workers take connections from the one socket, which is their standard input.
fn serve() -> io::Result<()> {
    for connection in TcpListener::from(io::stdin().as_fd().try_clone_to_owned()?).incoming() {
        let (mut connection, mut request) = (connection?, String::new());
        BufReader::new(&connection).read_line(&mut request)?;
        let body = page(request.split(' ').nth(1).unwrap_or("/"));
        write!(connection, "HTTP/1.0 200 OK\r\nWorker: {}\r\n\r\n{body}", id())?;
    }
    Ok(())
}

/// The answer's head, which names the worker, and its body.
fn ask(server: SocketAddr, number: u32) -> io::Result<(String, String)> {
    let (mut connection, mut answer) = (TcpStream::connect(server)?, String::new());
    write!(connection, "GET /{number} HTTP/1.0\r\n\r\n")?;
    connection.read_to_string(&mut answer)?;
    let parts = answer.split_once("\r\n\r\n").map(|(head, body)| (head.into(), body.into()));
    parts.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == "--serve") {
        return serve();
    }
    let directory = env::temp_dir().join(format!("web-server-{}", id()));
    fs::create_dir(&directory)?; // of the example's own, to leave nothing behind
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = listener.local_addr()?;
    let mut worker = Command::new(env::current_exe()?);
    worker.arg("--serve").env("XDG_RUNTIME_DIR", &directory);
    let start = |_| worker.stdin(OwnedFd::from(listener.try_clone()?)).spawn();
    let mut workers = (0..3).map(start).collect::<io::Result<Vec<_>>>()?;
    let client = || (0..50).map(|n| ask(server, n % 5)).collect::<io::Result<Vec<_>>>();
    let answers: io::Result<Vec<_>> = thread::scope(|scope| {
        let clients = [(); 8].map(|()| scope.spawn(client));
        clients.map(|client| client.join().expect("it does not panic")).into_iter().collect()
    });
    workers.iter_mut().try_for_each(|worker| worker.kill().and(worker.wait().map(drop)))?;
    fs::remove_dir_all(&directory)?;
    let (heads, pages): (BTreeSet<_>, BTreeSet<_>) = answers?.concat().into_iter().unzip();
    println!("400 requests to {} processes: {pages:#?}", heads.len());
    assert_eq!(pages.len(), 5, "each page was written once, whoever served it");
    Ok(())
}
