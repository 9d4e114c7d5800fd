//! Renames the files of an installation from before the bucket's name had a region.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::folder::FolderError;

/// The bucket's folder in an installation.
const FILES: &str = "files";
/// The bucket's earlier name.
const EARLIER: &str = "envol-data-000000000000";
const NOW: &str = "envol-data-000000000000-eu-west-3";

/// Renames the bucket, if it has its earlier name. An interrupted start continues at the next one: the folder itself is
/// renamed last.
pub fn rename_bucket(installation: &Path) -> Result<(), FolderError> {
    let files = installation.join(FILES);
    let (earlier, now) = (files.join(EARLIER), files.join(NOW));
    if !earlier.exists() || now.exists() {
        return Ok(());
    }
    rename_attributes(&files)
        .and_then(|()| std::fs::rename(earlier, now))
        .map_err(|source| FolderError::Unusable { path: files, source })
}

/// Renames what s3s-fs stores beside the bucket for each object, such as its content type:
/// `.bucket-<base64>.object-<base64>.…`.
fn rename_attributes(files: &Path) -> io::Result<()> {
    let prefix = |bucket: &str| format!(".bucket-{}.", URL_SAFE_NO_PAD.encode(bucket));
    for entry in std::fs::read_dir(files)? {
        let name = entry?.file_name();
        if let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(&prefix(EARLIER))) {
            std::fs::rename(files.join(&name), files.join(prefix(NOW) + rest))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{TEXT, Template, tests::context};

    #[test]
    fn files_from_before_the_region_are_found_under_the_new_name() {
        let template = Template::read(TEXT, &context()).unwrap();
        assert_eq!(template.buckets[0].name, NOW);
        let home = tempfile::tempdir().unwrap();
        let files = home.path().join(FILES);
        std::fs::create_dir_all(files.join(EARLIER).join("lists")).unwrap();
        std::fs::write(files.join(EARLIER).join("lists/1"), b"x").unwrap();
        let attributes = |bucket: &str| {
            let object = URL_SAFE_NO_PAD.encode("lists/1");
            files.join(format!(".bucket-{}.object-{object}.metadata.json", URL_SAFE_NO_PAD.encode(bucket)))
        };
        std::fs::write(attributes(EARLIER), b"{}").unwrap();
        for _start in 0..2 {
            rename_bucket(home.path()).unwrap();
            assert_eq!(std::fs::read(files.join(NOW).join("lists/1")).unwrap(), b"x");
            assert!(attributes(NOW).exists() && !attributes(EARLIER).exists() && !files.join(EARLIER).exists());
        }
    }

    #[test]
    fn a_new_installation_has_nothing_to_rename() {
        rename_bucket(tempfile::tempdir().unwrap().path()).unwrap();
    }
}
