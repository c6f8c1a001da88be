//! Which checkpoint a path means.

use std::path::{Path, PathBuf};

/// What a checkpoint's folder says of the newest one in it.
const STATE_FILE: &str = "checkpoint";

/// The common start of the paths of a checkpoint's files, if `path` means a checkpoint: that start
/// itself, the index, a data shard, the training graph beside them, or their folder.
pub(in crate::weights) fn locate(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return named_by(&path.join(STATE_FILE)).or_else(|| only_one_in(path));
    }
    if path.file_name()? == STATE_FILE {
        return named_by(path);
    }
    if has_index(path) {
        return Some(path.to_owned());
    }
    let name = path.file_name()?.to_str()?;
    let (start, end) = name.rsplit_once('.')?;
    let is_part = matches!(end, "index" | "meta") || end.starts_with("data-");
    let prefix = path.with_file_name(start);
    // The index may itself be what is missing, which its reader then says.
    (is_part && (end == "index" || has_index(&prefix))).then_some(prefix)
}

/// The path of the index of the checkpoint at `prefix`.
pub(super) fn index_of(prefix: &Path) -> PathBuf {
    with_end(prefix, ".index")
}

/// The path of its data shard `shard` of `shards`.
pub(super) fn shard_of(prefix: &Path, shard: i64, shards: i64) -> PathBuf {
    with_end(prefix, &format!(".data-{shard:05}-of-{shards:05}"))
}

fn with_end(prefix: &Path, end: &str) -> PathBuf {
    let mut path = prefix.as_os_str().to_owned();
    path.push(end);
    path.into()
}

fn has_index(prefix: &Path) -> bool {
    index_of(prefix).is_file()
}

/// The checkpoint that a state file names, if it is there.
fn named_by(state_file: &Path) -> Option<PathBuf> {
    let length = std::fs::metadata(state_file).ok()?.len();
    if length > 1 << 20 {
        return None;
    }
    let text = std::fs::read_to_string(state_file).ok()?;
    let named = newest(&text)?;
    let folder = state_file.parent()?;
    // A path from the machine that trained; here the file lies beside.
    let name = named.rsplit(['/', '\\']).next()?;
    [folder.join(&named), folder.join(name)]
        .into_iter()
        .find(|prefix| has_index(prefix))
}

/// What stands behind `model_checkpoint_path` in a state file.
fn newest(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("model_checkpoint_path:"))?;
    let quoted = line.trim().strip_prefix('"')?.strip_suffix('"')?;
    let mut name = String::new();
    let mut escaped = false;
    for letter in quoted.chars() {
        if letter == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        name.push(letter);
    }
    Some(name)
}

/// The checkpoint of a folder that holds one index and no state file.
fn only_one_in(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let mut indices = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "index"));
    let first = indices.next()?;
    indices.next().is_none().then(|| first.with_extension(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        folder
    }

    #[test]
    fn any_part_leads_to_the_whole() {
        let parts = [
            "m.ckpt-5.index",
            "m.ckpt-5.data-00000-of-00001",
            "m.ckpt-5.meta",
            "cat.jpg",
        ];
        let folder = folder_with(&parts);
        let prefix = folder.path().join("m.ckpt-5");
        for part in parts[..3].iter().chain(&["m.ckpt-5", ""]) {
            assert_eq!(
                locate(&folder.path().join(part)).as_ref(),
                Some(&prefix),
                "{part}"
            );
        }
        assert_eq!(locate(&folder.path().join("cat.jpg")), None);
        assert_eq!(locate(&folder.path().join("m.ckpt-6")), None);
    }

    #[test]
    fn a_folder_says_which_is_the_newest() {
        let folder = folder_with(&["a-1.index", "a-2.index"]);
        assert_eq!(locate(folder.path()), None);
        for named in ["a-2", "/home/them/train/a-2", r"D:\\train\\a-2"] {
            let state = format!(
                "model_checkpoint_path: \"{named}\"\nall_model_checkpoint_paths: \"a-1\"\n"
            );
            std::fs::write(folder.path().join("checkpoint"), state).unwrap();
            let expected = Some(folder.path().join("a-2"));
            assert_eq!(locate(folder.path()), expected, "{named}");
            assert_eq!(locate(&folder.path().join("checkpoint")), expected);
        }
        std::fs::write(
            folder.path().join("checkpoint"),
            "model_checkpoint_path: \"a-3\"",
        )
        .unwrap();
        assert_eq!(locate(folder.path()), None);
    }
}
