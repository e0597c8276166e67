//! Restricts the data folder and the database to their owner, including existing files.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::{config::Config, store};

/// The permissions of the group and of others.
const OTHERS: u32 = 0o077;
/// Set on shared folders such as `/tmp`, whose permissions are not ours to change.
const STICKY: u32 = 0o1000;
/// Files that SQLite creates beside a database, with the same permissions.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Creates the data folder and the SQLite file if missing, and removes the permissions of others from them and from
/// every file in the folder: backups, the secret, and SQLite's further files.
///
/// # Errors
/// When the folder or the file cannot be created. Permissions that cannot be changed only cause a warning: the file
/// system may have none, or the files may belong to another user.
pub(crate) fn secure(config: &Config) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(&config.data_dir)?;
    close_folder(&config.data_dir);
    if let Some(file) = store::sqlite_file(&config.database_url()) {
        // Created here, because SQLite would leave the mode to the umask.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // SQLite reports the reason better.
                tracing::debug!(%error, "could not create the database file");
            }
            _ => {}
        }
        close_file(&file);
        for ending in BESIDE {
            let mut name = file.clone().into_os_string();
            name.push(ending);
            close_file(&PathBuf::from(name));
        }
    }
    Ok(())
}

fn close_folder(folder: &Path) {
    let Ok(found) = fs::metadata(folder) else { return };
    if found.mode() & STICKY != 0 || folder.parent().is_none() {
        tracing::warn!(folder = %folder.display(), "the data folder is shared with other users: use a separate one");
        return;
    }
    close(folder, found.mode());
    let Ok(files) = fs::read_dir(folder) else { return };
    for file in files.flatten() {
        close_file(&file.path());
    }
}

/// Skips symbolic links, whose target may be anything.
fn close_file(path: &Path) {
    if let Ok(found) = fs::symlink_metadata(path)
        && found.is_file()
    {
        close(path, found.mode());
    }
}

fn close(path: &Path, mode: u32) {
    if mode & OTHERS == 0 {
        return;
    }
    let closed = fs::Permissions::from_mode(mode & 0o7777 & !OTHERS);
    match fs::set_permissions(path, closed) {
        Ok(()) => tracing::info!(path = %path.display(), "removed the permissions of others"),
        Err(error) => tracing::warn!(path = %path.display(), %error, "could not remove the permissions of others"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    fn open_to_all(path: &Path) {
        fs::write(path, "x").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }

    #[test]
    fn new_files_are_private_to_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::isolated(folder.path().join("a/data"));
        secure(&config).unwrap();
        assert_eq!(mode(&config.data_dir), 0o700);
        assert_eq!(mode(&config.data_dir.join("lockstep.db")), 0o600);
    }

    #[test]
    fn existing_files_become_private_with_all_files_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
        let names = ["lockstep.db", "lockstep.db-wal", "lockstep.db-shm", "lockstep-2026-11-30.db", "secret"];
        names.iter().for_each(|name| open_to_all(&data.join(name)));
        let outside = folder.path().join("outside");
        open_to_all(&outside);
        std::os::unix::fs::symlink(&outside, data.join("link")).unwrap();
        let elsewhere = folder.path().join("elsewhere.db");
        open_to_all(&elsewhere);
        open_to_all(&folder.path().join("elsewhere.db-wal"));

        secure(&Config::isolated(&data)).unwrap();
        assert_eq!(mode(&data), 0o700);
        names.iter().for_each(|name| assert_eq!(mode(&data.join(name)), 0o600, "{name}"));
        assert_eq!(fs::read_to_string(data.join("lockstep.db")).unwrap(), "x", "it was not made anew");
        assert_eq!(mode(&outside), 0o644, "what a link leads to");

        let url = format!("sqlite:{}", elsewhere.display());
        let mut config = Config::isolated(&data);
        config.database.url = Some(url);
        secure(&config).unwrap();
        assert_eq!(mode(&elsewhere), 0o600);
        assert_eq!(mode(&folder.path().join("elsewhere.db-wal")), 0o600);
    }

    #[test]
    fn a_shared_folder_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let shared = folder.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
        open_to_all(&shared.join("of-another"));
        secure(&Config::isolated(&shared)).unwrap();
        assert_eq!(mode(&shared), 0o777);
        assert_eq!(mode(&shared.join("of-another")), 0o644);
        assert_eq!(mode(&shared.join("lockstep.db")), 0o600);
    }
}
