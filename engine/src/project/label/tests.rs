//! Crashes at the worst moments.

use super::*;

#[test]
fn two_crashes_while_writing_make_no_stranger_of_our_file() {
    let folder = tempfile::tempdir().unwrap();
    let image = image::RgbImage::new(4, 3);
    image.save(folder.path().join("a.png")).unwrap();
    let project = Project::open(folder.path(), Default::default()).unwrap();
    project.scan(&mut crate::jobs::Silent).unwrap();
    let id = project.images().unwrap()[0].id;
    let map = |value| LabelMap::filled(4, 3, value);
    let png = |value| png_file::encode(&map(value), &project.palette().colors()).unwrap();
    let state = || project.label_state(id).unwrap();
    project.write_label(&state(), 1, &map(1), &png(1)).unwrap();
    // The first crash comes after the file and before the note of it.
    let second = png(2);
    project.announce(&state(), 2, Digest::of(&second)).unwrap();
    write_bytes(&project.layout.label("a.png"), &second).unwrap();
    // The second one comes before the next file.
    project.announce(&state(), 2, Digest::of(&png(3))).unwrap();
    assert!(!project.is_changed_outside(&state()).unwrap());
    assert_eq!(project.load_label(id).unwrap(), map(2));
}
