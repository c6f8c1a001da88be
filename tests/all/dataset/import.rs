//! Datasets that come into a project.

use std::fs;
use std::path::Path;

use atrous_engine::dataset::import::{self, ImportFormat, ImportOptions, ImportPlan};
use atrous_engine::dataset::split::Split;
use atrous_engine::dataset::{LabelledImages as _, Only, ProjectLabels, voc};
use atrous_engine::jobs::Silent;
use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::project::{OpenOptions, Project, Status};
use atrous_engine::{Limits, Result};
use atrous_palettes::{Palette, VOID};
use atrous_tests::shared;
use image::RgbImage;
use voc::ExportOptions;

fn planned(folder: &Path, format: ImportFormat) -> Result<ImportPlan> {
    let options = ImportOptions {
        format,
        palette: None,
        void: None,
        limits: Limits::default(),
    };
    import::plan(folder, &options, &mut Silent)
}

/// A project for a plan, in a folder of its own.
fn project_for(plan: &ImportPlan, project_dir: &Path) -> Project {
    let options = OpenOptions {
        project_dir: Some(project_dir.to_owned()),
        palette: Some(plan.palette.clone()),
        ..OpenOptions::default()
    };
    Project::open(plan.images_dir(), options).unwrap()
}

/// The label map that a file's values should become, by an independent table.
fn expected(labels: &Path, table: impl Fn(u8) -> u8) -> Vec<u8> {
    let map = png_file::read(labels, &Limits::default()).unwrap();
    map.to_vec().into_iter().map(table).collect()
}

/// Compares every imported label map with its file.
fn check_import(plan: &ImportPlan, project: &Project, table: impl Fn(u8) -> u8) {
    let images = project.images().unwrap();
    for pair in &plan.pairs {
        let image = images
            .iter()
            .find(|image| project.image_path(image) == pair.image)
            .unwrap();
        assert_eq!(image.status, Status::Corrected);
        let labels = project.load_label(image.id).unwrap().to_vec();
        assert!(
            labels == expected(&pair.labels, &table),
            "{}",
            pair.labels.display()
        );
        let held_out = matches!(pair.split, Some(Split::Val | Split::Test));
        assert_eq!(image.held_out, held_out, "{}", pair.image.display());
    }
}

#[test]
fn voc_comes_in_and_goes_out_again_unchanged() {
    let Some(folder) = shared("data/voc") else {
        return;
    };
    let folder = folder.canonicalize().unwrap();
    let plan = planned(&folder, ImportFormat::Voc).unwrap();
    assert_eq!((plan.pairs.len(), plan.failed.len()), (60, 0));
    assert!(!plan.is_mixed());
    let there = tempfile::tempdir().unwrap();
    let project = project_for(&plan, &there.path().join("project"));
    let report = plan.import(&project, &mut Silent).unwrap();
    assert_eq!(
        (report.imported, report.held_out, report.failed.len()),
        (60, 45, 0)
    );
    check_import(&plan, &project, |value| value);

    let images = project.images().unwrap();
    for image in &images[..7] {
        project.set_status(image.id, Status::Reviewed).unwrap();
    }
    for (only, count) in [
        (Only::Labelled, 60),
        (Only::Corrected, 60),
        (Only::Reviewed, 7),
    ] {
        let labels = ProjectLabels::new(&project, only).unwrap();
        assert_eq!(labels.images().unwrap().len(), count);
    }
    let out = there.path().join("voc");
    let labels = ProjectLabels::new(&project, Only::Corrected).unwrap();
    voc::export(&labels, &out, &ExportOptions::default(), &mut Silent).unwrap();
    let same = |name: &str| {
        assert_eq!(
            fs::read(out.join(name)).unwrap(),
            fs::read(folder.join(name)).unwrap()
        );
    };
    same("ImageSets/Segmentation/val.txt");
    for pair in &plan.pairs {
        let stem = pair.image.file_stem().unwrap().to_str().unwrap();
        same(&format!("JPEGImages/{stem}.jpg"));
        let exported = out.join(format!("SegmentationClass/{stem}.png"));
        assert!(
            expected(&exported, |v| v) == expected(&pair.labels, |v| v),
            "{stem}"
        );
    }
}

#[test]
fn camvid_comes_in_with_its_own_void() {
    let Some(folder) = shared("data/camvid") else {
        return;
    };
    let mut plan = planned(&folder, ImportFormat::CamVid).unwrap();
    assert_eq!((plan.pairs.len(), plan.failed.len()), (94, 0));
    assert_eq!(plan.palette.len(), 11);
    let void = plan.values.iter().find(|value| value.value == 11).unwrap();
    assert_eq!(void.becomes, VOID);
    let pixels: u64 = plan.values.iter().map(|value| value.pixels).sum();
    assert_eq!(pixels, 94 * 480 * 360);

    assert!(plan.is_mixed(), "label maps would be taken for images");
    let there = tempfile::tempdir().unwrap();
    let images = there.path().canonicalize().unwrap().join("images");
    plan.copy_images(&images, &mut Silent).unwrap();
    assert!(!plan.is_mixed());
    let project = project_for(&plan, &there.path().join("project"));
    let report = plan.import(&project, &mut Silent).unwrap();
    assert_eq!((report.imported, report.held_out), (94, 30));
    assert_eq!(project.images().unwrap().len(), 94);
    check_import(
        &plan,
        &project,
        |value| if value == 11 { VOID } else { value },
    );
}

#[test]
fn values_that_mean_nothing_are_counted_and_nothing_comes_in() {
    let Some(folder) = shared("data/camvid") else {
        return;
    };
    // As plain masks: without a palette, each value is a class of its own.
    let plan = planned(&folder, ImportFormat::Masks).unwrap();
    assert_eq!(plan.palette.len(), 12);
    let void = plan.values.iter().find(|value| value.value == 11).unwrap();
    let options = ImportOptions {
        format: ImportFormat::Masks,
        palette: Some(Palette::camvid()),
        void: None,
        limits: Limits::default(),
    };
    let error = import::plan(&folder, &options, &mut Silent)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&format!("11 ({} pixels)", void.pixels)),
        "{error}"
    );
    assert!(error.contains("--void"), "{error}");
    let options = ImportOptions {
        void: Some(11),
        ..options
    };
    assert_eq!(
        import::plan(&folder, &options, &mut Silent)
            .unwrap()
            .pairs
            .len(),
        94
    );
}

#[test]
fn cityscapes_label_ids_become_class_indices() {
    let Some(folder) = shared("data/cityscapes") else {
        return;
    };
    let plan = planned(&folder.canonicalize().unwrap(), ImportFormat::Cityscapes).unwrap();
    assert_eq!((plan.pairs.len(), plan.failed.len()), (2, 0));
    let there = tempfile::tempdir().unwrap();
    let project = project_for(&plan, there.path());
    plan.import(&project, &mut Silent).unwrap();
    let ids = [
        7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33,
    ];
    check_import(&plan, &project, |value| {
        let index = ids.iter().position(|id| *id == value);
        index.map_or(VOID, |index| index as u8)
    });
}

#[test]
fn ade20k_comes_in_with_its_ignored_class() {
    let Some(folder) = shared("data/ade20k") else {
        return;
    };
    let plan = planned(&folder.canonicalize().unwrap(), ImportFormat::Ade20k).unwrap();
    assert_eq!((plan.pairs.len(), plan.failed.len()), (4, 0));
    let there = tempfile::tempdir().unwrap();
    let project = project_for(&plan, there.path());
    let report = plan.import(&project, &mut Silent).unwrap();
    assert_eq!((report.imported, report.held_out), (4, 3));
    check_import(&plan, &project, |value| value);
}

#[test]
fn masks_that_do_not_fit_are_listed_and_the_rest_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let (images, masks) = (root.join("streets"), root.join("streets-truth"));
    fs::create_dir_all(&images).unwrap();
    fs::create_dir_all(&masks).unwrap();
    let grey = |name: &str, width: u32| {
        let map = LabelMap::filled(width, 6, 1);
        fs::write(masks.join(name), png_file::encode_grey(&map).unwrap()).unwrap();
    };
    for name in ["good", "narrow", "torn", "colours", "alone"] {
        RgbImage::new(8, 6)
            .save(images.join(format!("{name}.png")))
            .unwrap();
    }
    grey("good.png", 8);
    grey("narrow.png", 7);
    fs::write(masks.join("torn.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    RgbImage::new(8, 6).save(masks.join("colours.png")).unwrap();

    let plan = planned(&images, ImportFormat::Masks).unwrap();
    assert_eq!(plan.images_dir(), images);
    let project = project_for(&plan, &root.join("project"));
    let report = plan.import(&project, &mut Silent).unwrap();
    assert_eq!(report.imported, 1);
    let reason = |name: &str| {
        let found = report
            .failed
            .iter()
            .find(|failure| failure.path.ends_with(name));
        found
            .unwrap_or_else(|| panic!("{name} is not listed"))
            .reason
            .clone()
    };
    assert_eq!(report.failed.len(), 4);
    assert!(
        reason("narrow.png").contains("expected 8 x 6"),
        "{}",
        reason("narrow.png")
    );
    assert!(reason("torn.png").contains("PNG"), "{}", reason("torn.png"));
    assert!(
        reason("colours.png").contains("Rgb"),
        "{}",
        reason("colours.png")
    );
    assert!(
        reason("alone.png").contains("no label map"),
        "{}",
        reason("alone.png")
    );

    let error = planned(&root.join("project"), ImportFormat::Masks)
        .unwrap_err()
        .to_string();
    assert!(error.contains("images and masks"), "{error}");
    let error = planned(&images, ImportFormat::Voc).unwrap_err().to_string();
    assert!(error.contains("JPEGImages"), "{error}");
}
