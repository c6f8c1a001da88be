//! Exit codes, help, and what is said when a command makes no sense.

use atrous_engine::project::{OpenOptions, Project};

use super::{Outcome, atrous, black_image, words};

#[test]
fn help_and_version_are_results() {
    for flag in ["--help", "--version"] {
        let ran = atrous([flag]);
        assert_eq!(ran.outcome, Outcome::Done);
        assert!(ran.out.contains("atrous"), "{}", ran.out);
        assert_eq!(ran.err, "");
    }
    let commands = [
        "prelabel", "predict", "finetune", "train", "evaluate", "export", "import", "model", "demo",
    ];
    let help = atrous(["--help"]).out;
    for command in commands {
        assert!(help.contains(command), "{command}");
        assert_eq!(
            atrous([command, "--help"]).outcome,
            Outcome::Done,
            "{command}"
        );
    }
}

#[test]
fn without_a_command_the_window_opens() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(atrous(words![folder.path()]).outcome, Outcome::Done);
    assert_eq!(atrous::<&str>([]).outcome, Outcome::Done);
}

#[test]
fn any_setting_of_a_recipe_can_be_given_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.safetensors");
    for (setting, found) in [
        ("momentum", "momentum=0.8"),
        ("momentum=\"much\"", "invalid type"),
        ("momentums=1", "drop_path_keep_prob"),
        (
            "drop_path_keep_prob=1.5",
            "drop_path_keep_prob: expected at most 1",
        ),
    ] {
        let ran = atrous(words![
            "train", "--out", &out, "--scenes", "2", "--steps", "1", "--set", setting
        ]);
        assert_eq!(ran.outcome, Outcome::CouldNot, "{setting}");
        assert!(ran.err.contains(found), "{setting}: {}", ran.err);
    }
}

/// The original's scripts write `--add_flipped_images=True`; here `--flip` alone does.
#[test]
fn mirroring_is_asked_for_in_every_way_of_the_originals_flag() {
    let folder = tempfile::tempdir().unwrap();
    for flag in ["--flip", "--add_flipped_images=True", "--flip=0"] {
        let ran = atrous(words!["prelabel", folder.path(), flag]);
        assert!(ran.err.contains("image"), "{flag}: {}", ran.err);
    }
    let ran = atrous(words!["prelabel", folder.path(), "--flip=perhaps"]);
    assert_eq!(ran.outcome, Outcome::CouldNot);
    assert!(ran.err.contains("perhaps"), "{}", ran.err);
}

#[test]
fn exit_codes_are_those_of_the_manual() {
    let codes = [
        Outcome::Done,
        Outcome::SomeFailed,
        Outcome::CouldNot,
        Outcome::Stopped,
    ]
    .map(Outcome::code);
    assert_eq!(codes, [0, 1, 2, 130]);
}

#[test]
fn wrong_usage_could_not_start_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    for (args, word) in [
        (&["prelabel"][..], "FOLDER"),
        (&["demo", here, "--size", "12"], "512x256"),
        (&["demo", here, "--wild"], "--wild"),
        (
            &["prelabel", here, "--device", "abacus"],
            "auto, gpu or cpu",
        ),
        (&["prelabel", here, "--model", "none.tflite"], "none.tflite"),
        (&["prelabel", here, "--palette", "none"], "cityscapes"),
        (&["prelabel", "/no/such/folder"], "/no/such/folder"),
        (
            &["export", here, "--format", "voc", "--out", here],
            "prelabel",
        ),
        (&["finetune", here], "prelabel"),
        (
            &[
                "evaluate",
                "--predictions",
                here,
                "--truth",
                here,
                "--palette",
                "pascal",
            ],
            "PNG",
        ),
        (&["import", here, "--format", "voc"], here),
        (
            &["model", "info", "/no/such/model.tflite"],
            "/no/such/model.tflite",
        ),
        (&["model", "get", "no_such_model"], "atrous model list"),
        (
            &["train", "--out", "m.safetensors", "--images", here],
            "--labels",
        ),
    ] {
        let ran = atrous(args);
        assert_eq!(ran.outcome, Outcome::CouldNot, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{args:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{args:?}");
    }
}

#[test]
fn boundaries_have_a_width_within_the_image() {
    for ratio in ["0", "-0.1", "1.5", "wide", "NaN"] {
        let boundary = format!("--boundary={ratio}");
        let folders = ["--predictions", "a", "--truth", "b", "--palette", "pascal"];
        let ran = atrous(["evaluate", &boundary].into_iter().chain(folders));
        assert_eq!(ran.outcome, Outcome::CouldNot, "{ratio}: {}", ran.err);
        assert!(
            ran.err.contains("above 0, at most 1"),
            "{ratio}: {}",
            ran.err
        );
    }
}

#[test]
fn the_help_keeps_the_exported_graphs_options_apart() {
    for command in ["predict", "prelabel"] {
        let help = atrous([command, "--help"]).out;
        let (before, under) = help
            .split_once("As the original's exported graphs:")
            .expect("a heading");
        let own: Vec<&str> = under
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("--")?.split(' ').next())
            .collect();
        let expected = [
            "crop-size",
            "min-resize-value",
            "max-resize-value",
            "resize-factor",
        ];
        assert_eq!(own, expected, "{command}");
        assert!(before.contains("--json"), "{command}");
    }
}

#[test]
fn a_folder_without_images_could_not_be_labelled() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "nothing to see").unwrap();
    let ran = atrous(words!["prelabel", folder.path()]);
    assert_eq!(ran.outcome, Outcome::CouldNot);
    assert!(
        ran.err.contains("expected images, found none"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("notes.txt"), "{}", ran.err);
}

#[test]
fn what_is_missing_is_said_before_a_device_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let project = folder.path().join("project");
    std::fs::create_dir(&project).unwrap();
    black_image(&project);
    let options = OpenOptions::default();
    drop(Project::open(&project, options).unwrap());
    let project = project.to_str().unwrap();
    for (args, word) in [
        (&["prelabel", "/no/such/folder"][..], "/no/such/folder"),
        (
            &["prelabel", here, "--model", "no_such_model"],
            "model list",
        ),
        (&["predict", "--image", "/no/such/image.jpg"], "image.jpg"),
        (&["predict", "--image", here], "an image file"),
        (&["finetune", "/no/such/project"], "/no/such/project"),
        (&["finetune", project], "at least two"),
        (
            &[
                "evaluate",
                "--predictions",
                "/no/a",
                "--truth",
                "/no/b",
                "--palette",
                "pascal",
            ],
            "/no/",
        ),
    ] {
        let ran = atrous(args);
        assert_eq!(ran.outcome, Outcome::CouldNot, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(word), "{args:?}: {}", ran.err);
        // What is opened is said first.
        assert!(ran.err.starts_with("error:"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn an_error_is_said_once() {
    let ran = atrous(["model", "info", "/no/such/model.tflite"]);
    assert_eq!(ran.err.matches("No such file").count(), 1, "{}", ran.err);
}
