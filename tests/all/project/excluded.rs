//! Images that exports leave out.

use atrous_engine::dataset::voc::{self, ExportOptions};
use atrous_engine::dataset::{Only, ProjectLabels};
use atrous_engine::jobs::Silent;
use atrous_engine::project::{ImageId, Project, Status};

use super::Folder;

/// A project with four images of which `a` to `c` are reviewed.
fn reviewed() -> (Folder, Project, Vec<ImageId>) {
    let folder = Folder::new();
    for name in ["a.png", "b.png", "c.png", "d.png"] {
        folder.add(name, 20, 10);
    }
    let project = folder.try_open().unwrap();
    project.scan(&mut Silent).unwrap();
    let ids: Vec<ImageId> = project.images().unwrap().iter().map(|it| it.id).collect();
    for id in &ids[..3] {
        project.set_status(*id, Status::Reviewed).unwrap();
    }
    (folder, project, ids)
}

fn excluded(project: &Project) -> Vec<ImageId> {
    let images = project.images().unwrap().into_iter();
    let excluded = images.filter(|image| image.excluded);
    excluded.map(|image| image.id).collect()
}

#[test]
fn a_choice_tells_what_it_changed_is_a_change_of_the_list_and_stays() {
    let (folder, project, ids) = reviewed();
    let before = project.revision().unwrap();
    assert_eq!(project.set_excluded(&ids[1..3], true).unwrap(), ids[1..3]);
    assert_eq!(project.set_excluded(&ids[..2], true).unwrap(), ids[..1]);
    let (changed, now) = project.changes_since(before).unwrap();
    let changed: Vec<ImageId> = changed.iter().map(|image| image.id).collect();
    assert_eq!(changed, ids[..3], "each is told");
    assert_eq!(project.set_excluded(&ids[..1], true).unwrap(), []);
    assert_eq!(project.revision().unwrap(), now, "nothing changed");
    drop(project);
    let project = folder.try_open().unwrap();
    assert_eq!(excluded(&project), ids[..3]);
    assert_eq!(project.set_excluded(&ids, false).unwrap(), ids[..3]);
    assert_eq!(excluded(&project), []);
}

#[test]
fn an_image_that_goes_away_for_a_moment_stays_excluded() {
    let (folder, project, ids) = reviewed();
    project.set_excluded(&ids[3..], true).unwrap();
    let image = folder.file("d.png");
    let aside = folder.file("d.away");
    std::fs::rename(&image, &aside).unwrap();
    project.scan(&mut Silent).unwrap();
    std::fs::rename(&aside, &image).unwrap();
    project.scan(&mut Silent).unwrap();
    assert_eq!(excluded(&project), ids[3..], "nobody labelled it");
}

#[test]
fn exports_have_the_others_and_say_how_many_are_left_out() {
    let (_folder, project, ids) = reviewed();
    // The last one has no labels: it would not be exported anyway.
    project.set_excluded(&ids[2..], true).unwrap();
    let labels = ProjectLabels::new(&project, Only::Labelled).unwrap();
    let there = tempfile::tempdir().unwrap();
    let out = there.path().join("voc");
    let report = voc::export(&labels, &out, &ExportOptions::default(), &mut Silent).unwrap();
    let names: Vec<&str> = report.images.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((names, report.excluded), (vec!["a.png", "b.png"], 1));

    project.set_excluded(&ids, true).unwrap();
    let labels = ProjectLabels::new(&project, Only::Reviewed).unwrap();
    let out = there.path().join("nothing");
    let error = voc::export(&labels, &out, &ExportOptions::default(), &mut Silent).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("3 excluded from exports"), "{message}");
    assert!(!out.exists());
}
