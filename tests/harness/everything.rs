//! All data in a harness's cloud, to search for what must not be there.

use super::Harness;

impl Harness {
    /// Every item of every table, and every file of the bucket, by its name.
    pub async fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let sdk = self.machine.cloud().sdk_config();
        let (tables, files) = (aws::sdk::dynamodb(&sdk), aws::sdk::s3(&sdk));
        let mut found = Vec::new();
        for table in &self.template().tables {
            let mut start = None;
            loop {
                let page = tables.scan().table_name(&table.name).set_exclusive_start_key(start.take()).send();
                let page = page.await.unwrap();
                for item in page.items() {
                    found.push((
                        format!("{} {:?} {:?}", table.name, item["pk"], item["sk"]),
                        format!("{item:?}").into(),
                    ));
                }
                start = page.last_evaluated_key;
                if start.is_none() {
                    break;
                }
            }
        }
        for bucket in &self.template().buckets {
            let listed = files.list_objects_v2().bucket(&bucket.name).send().await.unwrap();
            assert_ne!(listed.is_truncated(), Some(true), "more files than this looks at");
            for object in listed.contents() {
                let key = object.key().unwrap();
                let file = files.get_object().bucket(&bucket.name).key(key).send().await.unwrap();
                found.push((key.to_owned(), file.body.collect().await.unwrap().to_vec()));
            }
        }
        assert!(!found.is_empty());
        found
    }
}
