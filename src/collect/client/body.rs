//! Reading an answer's body: bounded on the wire and after decompression, spooled to disk above a size, redacted, hashed.

use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use futures_util::StreamExt;
use gpurate_providers::{MemoryBody, PageBody};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::StreamReader;

use super::redact::Redactions;

/// Bodies up to this size stay in memory.
const MEMORY_BYTES_MAX: usize = 256 * 1024;

/// Ends the name of a spooled body.
pub(super) const SPOOLED: &str = ".spool";

/// What is accepted; each of them is undone in [`decoder`].
pub(super) const ACCEPT_ENCODING: &str = "gzip, br, zstd";

/// HTTP's own bound for zstd (RFC 9659): 8 MiB, so that no answer can ask for gigabytes of window.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// A body that cannot be had.
#[derive(Debug)]
pub(super) enum BodyError {
    /// More than the limit, on the wire or after decompression.
    TooLarge,
    /// Ended early, or what came cannot be decompressed.
    Cut(&'static str),
    /// This machine cannot keep it.
    Local(io::Error),
}

/// A body as it was received, not redacted: it must not leave this module.
pub(super) enum Received {
    /// A small one.
    Memory(Vec<u8>),
    /// A large one.
    Spooled(tempfile::NamedTempFile),
}

/// A page's body on disk; the file goes with the last user of the page.
struct SpooledBody {
    file: tempfile::TempPath,
    length: u64,
}

impl PageBody for SpooledBody {
    fn open(&self) -> io::Result<Box<dyn BufRead + Send + '_>> {
        Ok(Box::new(BufReader::with_capacity(64 * 1024, std::fs::File::open(&self.file)?)))
    }

    fn length(&self) -> u64 {
        self.length
    }
}

/// Where a body goes while it comes in.
pub(super) struct Sink<'a> {
    spool: &'a Path,
    limit: u64,
    length: u64,
    received: Received,
}

impl<'a> Sink<'a> {
    /// An empty one that takes `limit` bytes.
    pub(super) fn new(spool: &'a Path, limit: u64) -> Self {
        Self { spool, limit, length: 0, received: Received::Memory(Vec::new()) }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BodyError> {
        self.length += bytes.len() as u64;
        if self.length > self.limit {
            return Err(BodyError::TooLarge);
        }
        match &mut self.received {
            Received::Memory(memory) if memory.len() + bytes.len() <= MEMORY_BYTES_MAX => memory.extend_from_slice(bytes),
            Received::Memory(memory) => {
                let mut file = spool_file(self.spool).map_err(BodyError::Local)?;
                file.write_all(memory).and_then(|()| file.write_all(bytes)).map_err(BodyError::Local)?;
                self.received = Received::Spooled(file);
            }
            Received::Spooled(file) => file.write_all(bytes).map_err(BodyError::Local)?,
        }
        Ok(())
    }

    /// Takes all of a reader that blocks. Where it fails its content is damaged, as with a connection.
    pub(super) fn fill(mut self, mut from: impl Read) -> Result<Received, BodyError> {
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            match from.read(&mut buffer).map_err(|_| BodyError::Cut("what is kept cannot be read to its end"))? {
                0 => return Ok(self.received),
                read => self.write(&buffer[..read])?,
            }
        }
    }
}

/// Reads the body of an answer to its end. `wire_bytes` counts what came, as it came.
pub(super) async fn receive(response: reqwest::Response, mut sink: Sink<'_>, wire_bytes: &Arc<AtomicU64>) -> Result<Received, BodyError> {
    let limit = sink.limit;
    if response.content_length().is_some_and(|announced| announced > limit) {
        return Err(BodyError::TooLarge);
    }
    let encoding = response.headers().get(reqwest::header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    let counter = Arc::clone(wire_bytes);
    let mut on_wire = 0_u64;
    let stream = response.bytes_stream().map(move |chunk| {
        let chunk = chunk.map_err(io::Error::other)?;
        counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        on_wire += chunk.len() as u64;
        // Compressed nothing (empty blocks) may go on for ever without a byte of content.
        if on_wire > limit { Err(io::Error::from(io::ErrorKind::FileTooLarge)) } else { Ok(chunk) }
    });
    let mut reader = decoder(encoding.as_deref(), StreamReader::new(stream))?;
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        match reader.read(&mut buffer).await.map_err(|error| read_error(&error))? {
            0 => return Ok(sink.received),
            read => sink.write(&buffer[..read])?,
        }
    }
}

fn decoder<'a>(
    encoding: Option<&[u8]>,
    raw: impl tokio::io::AsyncBufRead + Send + 'a,
) -> Result<Pin<Box<dyn AsyncRead + Send + 'a>>, BodyError> {
    Ok(match encoding {
        None | Some(b"" | b"identity") => Box::pin(raw),
        Some(b"gzip" | b"x-gzip") => {
            let mut decoder = GzipDecoder::new(raw);
            decoder.multiple_members(true);
            Box::pin(decoder)
        }
        Some(b"br") => Box::pin(BrotliDecoder::new(raw)),
        Some(b"zstd") => Box::pin(ZstdDecoder::with_params(raw, &[DParameter::window_log_max(ZSTD_WINDOW_LOG_MAX)])),
        Some(_) => return Err(BodyError::Cut("it is compressed in a way that was not asked for")),
    })
}

fn read_error(error: &io::Error) -> BodyError {
    if error.kind() == io::ErrorKind::FileTooLarge {
        BodyError::TooLarge
    } else if error.get_ref().is_some_and(|inner| inner.is::<reqwest::Error>()) {
        BodyError::Cut("the connection ended before the answer did")
    } else {
        BodyError::Cut("what came cannot be decompressed to its end")
    }
}

/// Redacts and hashes a body. Where something is to be removed and the body is not JSON, its hash stays empty: such a
/// page can be parsed (and refused), but neither archived nor recorded. Blocks.
pub(super) fn finish(received: Received, redactions: &Redactions, spool: &Path) -> Result<(Arc<dyn PageBody>, String), BodyError> {
    if redactions.is_empty() {
        return keep(received).map_err(BodyError::Local);
    }
    let raw = match received {
        Received::Memory(memory) => memory,
        Received::Spooled(mut file) => {
            let mut raw = Vec::new();
            file.rewind().and_then(|()| file.read_to_end(&mut raw)).map_err(BodyError::Local)?;
            raw
        }
    };
    let redacted = redactions.apply(&raw);
    let is_redacted = redacted.is_some();
    // Keys may grow a little by being written anew: the limit was held when the body came.
    let sink = Sink::new(spool, u64::MAX).fill(Cursor::new(redacted.unwrap_or(raw)))?;
    let (body, hash) = keep(sink).map_err(BodyError::Local)?;
    Ok((body, if is_redacted { hash } else { String::new() }))
}

fn keep(received: Received) -> io::Result<(Arc<dyn PageBody>, String)> {
    match received {
        Received::Memory(memory) => {
            let hash = blake3::hash(&memory).to_hex().to_string();
            Ok((Arc::new(MemoryBody(memory.into())), hash))
        }
        Received::Spooled(mut file) => {
            file.flush()?;
            file.rewind()?;
            let mut hasher = blake3::Hasher::new();
            let length = io::copy(file.as_file_mut(), &mut hasher)?;
            let hash = hasher.finalize().to_hex().to_string();
            Ok((Arc::new(SpooledBody { file: file.into_temp_path(), length }), hash))
        }
    }
}

/// Makes the spool folder and removes what a crash left in it.
pub(super) fn prepare_spool(spool: &Path) -> io::Result<PathBuf> {
    std::fs::create_dir_all(spool)?;
    crate::collect::archive::remove_abandoned(spool, SPOOLED)?;
    Ok(spool.to_path_buf())
}

fn spool_file(spool: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix("page-").suffix(SPOOLED).tempfile_in(spool)
}
