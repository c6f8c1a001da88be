//! What a look through the folder finds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use atrous_engine::jobs::{Cancel, Silent};
use atrous_engine::mask::LabelMap;
use atrous_engine::project::watch::{Change, Watcher};
use atrous_engine::project::{OpenOptions, Project, Status};
use atrous_palettes::Palette;

use super::{Folder, files, id, stroke};

/// Contents and times of the person's files.
fn sources(folder: &Folder) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let own = folder.file(".atrous");
    files(folder.path())
        .into_iter()
        .filter(|path| !path.starts_with(&own))
        .map(|path| {
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            (path.clone(), (fs::read(&path).unwrap(), modified))
        })
        .collect()
}

fn paths(project: &Project) -> Vec<String> {
    let images = project.images().unwrap();
    images
        .iter()
        .map(|image| image.path.display().to_string())
        .collect()
}

/// A PNG file that declares a size and holds no pixel.
fn declared(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    drop(encoder.write_header().unwrap());
    bytes
}

#[test]
fn a_project_is_made_and_opened_again() {
    let folder = Folder::with_an_image();
    drop(folder.open());
    assert!(folder.file(".atrous/project.toml").is_file());
    let options = OpenOptions {
        palette: Some(Palette::cityscapes()),
        ..OpenOptions::default()
    };
    let project = Project::open(folder.path(), options).unwrap();
    assert_eq!(
        project.palette(),
        Palette::pascal_voc(),
        "it keeps its own palette"
    );
    assert_eq!(paths(&project), ["a.png"]);
    project
        .change_settings(|settings| settings.model = Some("m.safetensors".to_owned()))
        .unwrap();
    drop(project);
    for path in [folder.path(), &folder.file(".atrous")] {
        let project = Project::open_existing(path, OpenOptions::default()).unwrap();
        assert_eq!(project.settings().model.as_deref(), Some("m.safetensors"));
        assert_eq!(paths(&project), ["a.png"]);
    }
    let message = Project::open_existing(&folder.file("none"), OpenOptions::default())
        .unwrap_err()
        .to_string();
    assert!(message.contains("project.toml"), "{message}");
}

#[test]
fn a_project_can_lie_elsewhere() {
    let (folder, other) = (Folder::with_an_image(), tempfile::tempdir().unwrap());
    let options = || OpenOptions {
        project_dir: Some(other.path().join("p/q")),
        ..OpenOptions::default()
    };
    let project = Project::open(folder.path(), options()).unwrap();
    project.scan(&mut Silent).unwrap();
    drop(project);
    assert!(!folder.file(".atrous").exists());
    let again = Project::open_existing(&other.path().join("p/q"), OpenOptions::default()).unwrap();
    assert_eq!(again.images_dir(), folder.path().canonicalize().unwrap());
    assert_eq!(paths(&again), ["a.png"]);
}

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let message = folder.try_open().unwrap_err().to_string();
    assert!(message.contains("another Atrous"), "{message}");
    drop(project);
    folder.open();
}

#[test]
fn images_are_found_in_every_folder_but_hidden_ones_and_under_any_name() {
    let folder = Folder::new();
    let long = format!("{}.png", "ü".repeat(120));
    let names = [
        "a.png",
        "a.bmp",
        "sub/deep/ä 'q\" % #.png",
        "sub/日本.png",
        &long,
    ];
    for name in names {
        folder.add(name, 40, 30);
    }
    folder.add(".hidden/b.png", 40, 30);
    fs::write(folder.file("notes.txt"), "no image").unwrap();
    let project = folder.open();
    let mut expected: Vec<String> = names.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(paths(&project), expected);
    for name in names {
        let image = project.image(id(&project, name)).unwrap();
        assert_eq!(
            (image.width, image.height, image.status),
            (40, 30, Status::Unlabelled)
        );
        let mut map = LabelMap::filled(40, 30, 255);
        stroke(
            &mut map,
            &[[10.0, 10.0], [f32::from(name.len() as u16), 20.0]],
            3,
        );
        project.save_label(image.id, &map).unwrap();
    }
    let labels = folder.file(".atrous/labels");
    assert_eq!(files(&labels).len(), names.len(), "each has its own file");
    assert!(labels.join("sub/日本.png.png").is_file());
}

#[test]
fn broken_and_hostile_images_are_listed_and_hurt_nobody() {
    let folder = Folder::with_an_image();
    fs::write(folder.file("empty.png"), []).unwrap();
    fs::write(folder.file("text.jpg"), "<html>404</html>").unwrap();
    fs::write(folder.file("bomb.png"), declared(65535, 65535)).unwrap();
    let shared = atrous_tests::shared("data/broken/bomb_declared_65535x65535.png");
    if let Some(bomb) = &shared {
        fs::copy(bomb, folder.file("other_bomb.png")).unwrap();
    }
    let begin = Instant::now();
    let project = folder.try_open().unwrap();
    let report = project.scan(&mut Silent).unwrap();
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    let broken = 3 + usize::from(shared.is_some());
    assert_eq!(
        (report.images, report.added, report.broken.len()),
        (broken + 1, broken + 1, broken)
    );
    for image in project.images().unwrap() {
        let fine = image.path == Path::new("a.png");
        assert_eq!(image.error.is_none(), fine, "{image:?}");
        assert_eq!(project.open_label(image.id).is_ok(), fine);
    }
    let again = project.scan(&mut Silent).unwrap();
    assert_eq!(
        (again.added, again.broken.len()),
        (0, broken),
        "known, and still listed"
    );
}

#[test]
fn nothing_is_ever_written_to_the_images() {
    let folder = Folder::with_an_image();
    folder.add("sub/b.png", 64, 64);
    let before = sources(&folder);
    let project = folder.open();
    let image = id(&project, "sub/b.png");
    let mut map = project.load_label(image).unwrap();
    let edit = stroke(&mut map, &[[5.0, 5.0], [50.0, 40.0]], 2).unwrap();
    project.commit(image, &edit).unwrap();
    project.flush_label(image).unwrap();
    project.undo(image).unwrap();
    project.scan(&mut Silent).unwrap();
    drop(project);
    assert_eq!(sources(&folder), before);
}

#[test]
fn images_that_vanish_keep_their_labels_and_may_come_back() {
    let folder = Folder::with_an_image();
    folder.add("b.png", 20, 20);
    let project = folder.open();
    let a = id(&project, "a.png");
    let mut map = project.load_label(a).unwrap();
    stroke(&mut map, &[[30.0, 30.0]], 7);
    project.save_label(a, &map).unwrap();
    for name in ["a.png", "b.png"] {
        fs::rename(folder.file(name), folder.file(name).with_extension("away")).unwrap();
    }
    let report = project.scan(&mut Silent).unwrap();
    assert_eq!((report.images, report.missing), (0, 2));
    let images = project.images().unwrap();
    assert_eq!(images.len(), 1, "nobody misses what nobody labelled");
    assert!(images[0].error.as_deref().unwrap().contains("gone"));
    fs::rename(folder.file("a.away"), folder.file("a.png")).unwrap();
    assert_eq!(project.scan(&mut Silent).unwrap().added, 1);
    assert_eq!(id(&project, "a.png"), a);
    assert_eq!(project.image(a).unwrap().error, None);
    assert_eq!(project.load_label(a).unwrap(), map);
}

#[test]
fn a_scan_that_is_stopped_goes_on_the_next_time() {
    let folder = Folder::new();
    for number in 0..520 {
        folder.add(&format!("{number:03}.png"), 8, 8);
    }
    let project = folder.try_open().unwrap();
    let mut stop = Cancel::default();
    stop.cancel();
    assert!(project.scan(&mut stop).unwrap_err().is_cancelled());
    let measured = || {
        let images = project.images().unwrap();
        assert_eq!(images.len(), 520, "all names are known at once");
        images.iter().filter(|image| image.width == 8).count()
    };
    assert_eq!(measured(), 512, "what was read is kept");
    assert_eq!(project.scan(&mut Silent).unwrap().added, 0);
    assert_eq!(measured(), 520);
}

#[test]
fn an_image_is_usable_as_soon_as_its_name_is_known() {
    let folder = Folder::with_an_image();
    fs::write(folder.file("empty.png"), []).unwrap();
    let project = folder.try_open().unwrap();
    let report = project.scan_names().unwrap();
    assert_eq!((report.images, report.broken.len()), (2, 0));
    let image = id(&project, "a.png");
    assert_eq!(project.image(image).unwrap().width, 0);
    assert_eq!(project.load_label(image).unwrap().size(), [300, 280]);
    assert_eq!(project.image(image).unwrap().width, 300);
    let broken = project.measure(&mut Silent).unwrap();
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].0, Path::new("empty.png"));
}

#[test]
fn what_changed_is_told_and_nothing_else() {
    let folder = Folder::with_an_image();
    for name in ["b.png", "c.png"] {
        folder.add(name, 20, 20);
    }
    let project = folder.open();
    let start = project.revision().unwrap();
    let changed = |since| {
        let (images, now) = project.changes_since(since).unwrap();
        let paths = images.iter().map(|image| image.path.display().to_string());
        (paths.collect::<Vec<_>>(), now)
    };
    assert_eq!(changed(start), (Vec::new(), start));
    let b = id(&project, "b.png");
    project.set_status(b, Status::Reviewed).unwrap();
    let (paths, now) = changed(start);
    assert_eq!(paths, ["b.png"]);
    assert!(now > start);
    let image = project.image(b).unwrap();
    let ago = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        - Duration::from_millis(image.changed.unwrap().unsigned_abs());
    assert!(ago < Duration::from_secs(60), "{ago:?}");
    fs::remove_file(folder.file("b.png")).unwrap();
    project.scan(&mut Silent).unwrap();
    assert_eq!(changed(now).0, ["b.png"], "it is gone");
    assert_eq!(changed(start).0, ["b.png"]);
}

#[test]
fn the_watcher_reports_new_and_removed_images_and_nothing_else() {
    let folder = Folder::with_an_image();
    let project = folder.open();
    let (sender, changes) = mpsc::channel();
    let watcher = Watcher::start(&project, move |news| sender.send(news).unwrap()).unwrap();
    // On a slow machine one change may be reported in two parts.
    let wait_for = |change| loop {
        let news = changes.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(
            news.iter().all(|(path, _)| path == Path::new("new.png")),
            "{news:?}"
        );
        if news.iter().any(|(_, found)| *found == change) {
            break;
        }
    };

    fs::write(folder.file("notes.txt"), "no image").unwrap();
    project
        .set_status(id(&project, "a.png"), Status::Reviewed)
        .unwrap();
    fs::read(folder.file("a.png")).unwrap();
    folder.add("new.png", 12, 10);
    wait_for(Change::Present);
    assert_eq!(project.scan(&mut Silent).unwrap().added, 1);
    assert_eq!(paths(&project), ["a.png", "new.png"]);

    fs::remove_file(folder.file("new.png")).unwrap();
    wait_for(Change::Gone);
    assert_eq!(project.scan(&mut Silent).unwrap().missing, 1);
    drop(watcher);
    folder.add("later.png", 12, 10);
    assert!(changes.recv_timeout(Duration::from_secs(1)).is_err());
}

#[test]
fn folders_say_when_something_in_them_came_or_went() {
    let folder = Folder::with_an_image();
    folder.add("sub/b.png", 20, 10);
    let project = folder.open();
    let later = SystemTime::now() + Duration::from_secs(60);
    assert!(!project.may_have_changed_since(later).unwrap());
    // A change in the future stands for one after `later`.
    let ahead = later + Duration::from_secs(60);
    let sub = fs::File::open(folder.file("sub")).unwrap();
    sub.set_modified(ahead).unwrap();
    assert!(project.may_have_changed_since(later).unwrap());
    fs::remove_dir_all(folder.file("sub")).unwrap();
    assert!(
        project.may_have_changed_since(later).unwrap(),
        "a folder that is gone"
    );
}
