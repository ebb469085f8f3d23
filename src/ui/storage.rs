//! Settings on disk: read, written, and kept aside when they are damaged.
//!
//! eframe keeps one file, a map of texts; ours is one of them. A file that it cannot read it would
//! overwrite in silence, so it is looked at before eframe does.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::Path;

use eframe::Storage;

use crate::app::Settings;
use crate::app::files::{self, keep_aside};
use crate::app::settings::SettingsError;
use crate::language::{of_system, tr};

/// Our text in eframe's map.
pub const SETTINGS_KEY: &str = "plimsoll";
/// The file's name, which is eframe's.
const FILE: &str = "app.ron";
/// Largest file that is read, bytes: ours has some ten thousand.
const FILE_MAX: u64 = 16 << 20;
/// egui's own text in that map.
const EGUI_KEY: &str = "egui";
/// Zoom that egui's controls can reach; with less than nothing, or far more, no window opens.
const ZOOM: RangeInclusive<f32> = 0.1..=10.0;

/// The remembered settings, or the usual ones.
///
/// # Errors
/// There are some, and they are damaged.
pub(super) fn load(storage: Option<&dyn Storage>) -> Result<Settings, SettingsError> {
    match storage.and_then(|storage| storage.get_string(SETTINGS_KEY)) {
        Some(text) => Settings::from_json(&text),
        None => Ok(Settings::default()),
    }
}

/// Whether nothing was ever remembered: the program is started for the first time.
pub(super) fn is_first(storage: Option<&dyn Storage>) -> bool {
    storage.is_none_or(|storage| storage.get_string(SETTINGS_KEY).is_none())
}

/// Remembers the settings.
pub(super) fn save(settings: &Settings, storage: &mut dyn Storage) {
    // Plain values always have a text; if one day they do not, the old ones stay.
    if let Ok(text) = settings.to_json() {
        storage.set_string(SETTINGS_KEY, text);
    }
}

/// Looks at the file in `folder` before eframe does. A damaged one is kept aside under another name;
/// answers with what the window should say about it.
pub(super) fn rescue(folder: &Path) -> Option<String> {
    let path = folder.join(FILE);
    let map = match files::read(&path, FILE_MAX) {
        Ok(text) => ron::from_str::<BTreeMap<String, String>>(&text).ok().filter(zoom_is_sound),
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) if error.kind() == ErrorKind::InvalidData => None,
        Err(error) => {
            let path = path.display();
            return Some(tr!(
                "Settings could not be read and may not be kept ({error}): {path}",
                error,
                path
            ));
        }
    };
    let kept = match map {
        None => keep_aside(&path, |to| fs::rename(&path, to)),
        Some(map) => match map.get(SETTINGS_KEY).map(|text| Settings::from_json(text)) {
            Some(Err(_)) => keep_aside(&path, |to| fs::copy(&path, to).map(|_| ())),
            Some(Ok(_)) | None => return None,
        },
    };
    Some(match kept {
        Ok(kept) => {
            let name = kept.file_name().unwrap_or_default().display();
            let folder = folder.display();
            tr!(
                "The settings were damaged: the usual ones are in use, the old ones are {name} in {folder}",
                name,
                folder
            )
        }
        Err(error) => {
            let path = path.display();
            tr!(
                "The settings were damaged and could not be kept aside ({error}): {path}",
                error = of_system(&error),
                path
            )
        }
    })
}

/// Whether a window can be drawn at the zoom that egui remembers. What egui cannot read it leaves out itself.
fn zoom_is_sound(map: &BTreeMap<String, String>) -> bool {
    let memory = map.get(EGUI_KEY).and_then(|text| ron::from_str::<eframe::egui::Memory>(text).ok());
    memory.is_none_or(|memory| ZOOM.contains(&memory.options.zoom_factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(text: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        folder
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_first_start_has_nothing_to_say() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(rescue(folder.path()), None);
        assert_eq!(rescue(&folder.path().join("not there yet")), None);
        assert!(files(folder.path()).is_empty());
    }

    #[test]
    fn sound_settings_stay_where_they_are() {
        let map = BTreeMap::from([(SETTINGS_KEY, Settings::default().to_json().unwrap())]);
        let folder = folder_with(ron::to_string(&map).unwrap().as_bytes());
        assert_eq!(rescue(folder.path()), None);
        assert_eq!(files(folder.path()), [FILE]);
    }

    #[test]
    fn a_damaged_file_is_kept_under_another_name_each_time() {
        let folder = folder_with(b"{\"plimsoll\": ");
        for n in 1..=2 {
            let said = rescue(folder.path()).unwrap();
            assert!(said.contains(&format!("app.ron.damaged-{n}")), "{said}");
            let kept = fs::read(folder.path().join(format!("{FILE}.damaged-{n}"))).unwrap();
            assert_eq!(kept, b"{\"plimsoll\": ");
            fs::write(folder.path().join(FILE), b"{\"plimsoll\": ").unwrap();
        }
    }

    #[test]
    fn damaged_settings_in_a_sound_file_are_copied() {
        let map = BTreeMap::from([(SETTINGS_KEY, "{\"context\": \"long\"}"), ("window", "(1)")]);
        let folder = folder_with(ron::to_string(&map).unwrap().as_bytes());
        assert!(rescue(folder.path()).unwrap().contains("damaged-1"));
        assert_eq!(files(folder.path()), [FILE, "app.ron.damaged-1"]);
    }

    #[test]
    fn a_zoom_at_which_no_window_opens_is_damaged() {
        for (zoom, sound) in [("1.25", true), ("0.0", false), ("NaN", false), ("inf", false), ("1e9", false)]
        {
            let egui = format!("(options:(zoom_factor:{zoom}))");
            let settings = Settings::default().to_json().unwrap();
            let map = BTreeMap::from([(SETTINGS_KEY, settings.as_str()), (EGUI_KEY, &egui)]);
            let folder = folder_with(ron::to_string(&map).unwrap().as_bytes());
            assert_eq!(rescue(folder.path()).is_none(), sound, "{zoom}");
            assert_eq!(files(folder.path()) == [FILE], sound, "{zoom}");
        }
    }

    #[test]
    fn what_is_no_text_is_damaged() {
        let folder = folder_with(&[0xFF, 0xFE, 0, 1]);
        assert!(rescue(folder.path()).is_some());
        assert_eq!(files(folder.path()), ["app.ron.damaged-1"]);
    }

    #[test]
    fn a_folder_in_its_place_is_said() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(FILE)).unwrap();
        assert!(rescue(folder.path()).unwrap().contains("could not be read"));
    }
}
