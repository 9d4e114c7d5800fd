//! Lists in a harness: uploaded as any client uploads them.

use app::start::Resources;
use aws::files::Files;
use aws::store::AccountStore;
use bytes::Bytes;
use domain::ids::ListId;
use domain::list::List;
use http::Request;
use serde_json::{Value, json};

use super::{Answer, Harness};

impl Harness {
    /// Uploads a file as a new list, lets it be imported, and returns the list.
    pub async fn upload(&self, name: &str, file: impl Into<Bytes>) -> Answer {
        let made = self.post("/v1/lists", json!({ "name": name })).await.expect(201);
        self.put_upload(&made, file).await;
        self.settle().await;
        self.get(&format!("/v1/lists/{}", made.text("id"))).await.expect(200)
    }

    /// Uploads a list that must become ready; returns its id.
    pub async fn list(&self, name: &str, file: impl Into<Bytes>) -> String {
        let list = self.upload(name, file).await;
        assert_eq!(list.text("status"), "ready", "{}", list.body);
        list.text("id")
    }

    /// Uploads a file to the URL from `POST /lists`.
    pub async fn put_upload(&self, made: &Answer, file: impl Into<Bytes>) {
        let mut request = Request::builder().method(made.text("upload.method").as_str()).uri(made.text("upload.url"));
        if let Value::Object(headers) = made.value("upload.headers") {
            for (name, value) in headers {
                request = request.header(name, value.as_str().unwrap());
            }
        }
        let answer = Answer::new(self.machine.request(request.body(file.into()).unwrap()).await);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    }

    /// The bucket, as the functions know it.
    pub fn files(&self) -> Files {
        self.start_of("api", &[]).make(|resources| Some(resources.files())).unwrap()
    }

    /// The tables as the account's functions use them, including the look-up of erased numbers.
    pub fn own_store(&self) -> AccountStore {
        let key = |resources: &mut Resources<'_>| Some(resources.lookup.fingerprint_key());
        let fingerprints = self.start_of("api", &[]).make(key).unwrap();
        self.store.clone().with_fingerprints(fingerprints).account(&self.account)
    }

    /// Changes a list directly, like a function that is cut off afterwards.
    pub async fn change_list(&self, id: &str, change: impl FnOnce(List) -> List) -> List {
        let store = self.store.account(&self.account);
        let list = store.list(&id.parse::<ListId>().unwrap()).await.unwrap().unwrap();
        store.put_list(change(list)).await.unwrap()
    }

    /// Follows a 303 to its file.
    pub async fn download(&self, path: &str) -> Bytes {
        let answer = self.get(path).await.expect(303);
        let request = Request::get(answer.header("location")).body(Bytes::new()).unwrap();
        let file = Answer::new(self.machine.request(request).await).expect(200);
        file.bytes
    }
}

/// A file of contacts: a header, then one row per number.
pub fn contacts(numbers: impl IntoIterator<Item = String>) -> String {
    let rows = numbers.into_iter().enumerate().map(|(index, number)| format!("{number};Prénom{index}\n"));
    std::iter::once("Téléphone;Prénom\n".to_owned()).chain(rows).collect()
}
