//! Persistent texts by key, in IndexedDB.
//!
//! A browser may refuse to store (private windows, a full disk). The page works without: every function here may fail,
//! and only reports it to its caller.
//!
//! A write is done when its transaction completes: a request that succeeds in an aborted transaction has stored
//! nothing.

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction};

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase`. Declared here for a transaction's durability, which is unstable in web-sys.
    type Database;

    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Database, table: &str, mode: &str, options: &JsValue) -> Result<IdbTransaction, JsValue>;
}

const NAME: &str = "lockstep";
const VERSION: u32 = 1;
const TABLE: &str = "kept";
/// Sorts after every key with the same prefix.
const LAST: char = '\u{ffff}';

/// Access mode of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    /// For writes of this durability.
    Write(WriteDurability),
}

/// When a write survives a crash of the machine, not only of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteDurability {
    /// When the transaction completes, if the browser supports that.
    Strict,
    /// Some time later; cheaper.
    Relaxed,
}

/// A result with the browser's error, which only its caller handles.
pub(crate) type Stored<T> = Result<T, JsValue>;

/// The text at a key.
pub(crate) async fn get(key: &str) -> Stored<Option<String>> {
    let table = Table::open(Access::Read).await?;
    Ok(done(&table.store.get(&key.into())?).await?.as_string())
}

/// All keys with a prefix and their texts, in the order of the keys.
pub(crate) async fn all(prefix: &str) -> Stored<Vec<(String, String)>> {
    let table = Table::open(Access::Read).await?;
    let range = range(prefix)?;
    let (keys, texts) = (table.store.get_all_keys_with_key(&range)?, table.store.get_all_with_key(&range)?);
    let keys: Array = done(&keys).await?.unchecked_into();
    let texts: Array = done(&texts).await?.unchecked_into();
    let pairs = keys.iter().zip(texts.iter());
    Ok(pairs.filter_map(|(key, text)| Some((key.as_string()?, text.as_string()?))).collect())
}

/// Writes a text or removes its key, and removes the keys `gone`, in one transaction.
pub(crate) async fn put(key: &str, text: Option<&str>, gone: &[String], durability: WriteDurability) -> Stored<()> {
    let table = Table::open(Access::Write(durability)).await?;
    match text {
        Some(text) => table.store.put_with_key(&text.into(), &key.into())?,
        None => table.store.delete(&key.into())?,
    };
    for key in gone {
        table.store.delete(&key.as_str().into())?;
    }
    table.complete().await
}

/// Removes all keys with a prefix.
pub(crate) async fn clear(prefix: &str) -> Stored<()> {
    let table = Table::open(Access::Write(WriteDurability::Relaxed)).await?;
    table.store.delete(&range(prefix)?.into())?;
    table.complete().await
}

/// Removes all keys with a prefix, unless they continue with `except`.
pub(crate) async fn clear_but(prefix: &str, except: &str) -> Stored<()> {
    let table = Table::open(Access::Write(WriteDurability::Relaxed)).await?;
    let (begin, end) = (format!("{prefix}{except}"), format!("{prefix}{except}{LAST}"));
    let before = IdbKeyRange::bound_with_lower_open_and_upper_open(&prefix.into(), &begin.into(), false, true)?;
    let after = IdbKeyRange::bound_with_lower_open(&end.into(), &format!("{prefix}{LAST}").into(), true)?;
    table.store.delete(&before.into())?;
    table.store.delete(&after.into())?;
    table.complete().await
}

/// The only table, in one transaction. It is opened for each use, so that no page blocks the upgrade by another build.
struct Table {
    database: IdbDatabase,
    transaction: IdbTransaction,
    store: IdbObjectStore,
}

impl Table {
    async fn open(access: Access) -> Stored<Self> {
        let factory: IdbFactory =
            Reflect::get(&js_sys::global(), &"indexedDB".into())?.dyn_into().map_err(|_| JsValue::NULL)?;
        let request = factory.open_with_u32(NAME, VERSION)?;
        let opening = request.clone();
        let upgrade = Closure::once(move || {
            if let Ok(database) = opening.result().and_then(JsCast::dyn_into::<IdbDatabase>) {
                // Fails only if it exists, which it does not in a new database.
                let _ = database.create_object_store(TABLE);
            }
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database: IdbDatabase = done(&request).await?.unchecked_into();
        let (mode, durability) = match access {
            Access::Read => ("readonly", "default"),
            Access::Write(WriteDurability::Relaxed) => ("readwrite", "relaxed"),
            Access::Write(WriteDurability::Strict) => ("readwrite", "strict"),
        };
        let options = Object::new();
        // Cannot fail: it is our own object. A browser that does not know it ignores it.
        let _ = Reflect::set(&options, &"durability".into(), &durability.into());
        let transaction = database.unchecked_ref::<Database>().transaction(TABLE, mode, &options)?;
        let store = transaction.object_store(TABLE)?;
        Ok(Self { database, transaction, store })
    }

    /// Waits until the transaction completes or aborts. Called in the same turn as the last request.
    async fn complete(&self) -> Stored<()> {
        let ended = Promise::new(&mut |resolve, reject| {
            self.transaction.set_oncomplete(Some(&resolve));
            self.transaction.set_onabort(Some(&reject));
            self.transaction.set_onerror(Some(&reject));
        });
        JsFuture::from(ended).await.map(drop)
    }
}

impl Drop for Table {
    /// Closes the database once the transaction is done.
    fn drop(&mut self) {
        self.database.close();
    }
}

/// Waits for a request. The functions of a promise are handlers enough.
async fn done(request: &IdbRequest) -> Stored<JsValue> {
    let ended = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(ended).await?;
    request.result()
}

fn range(prefix: &str) -> Stored<IdbKeyRange> {
    IdbKeyRange::bound(&prefix.into(), &format!("{prefix}{LAST}").into())
}
