//! The filter's language as a whole.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::project::classes::ClassPixels;
use crate::project::record::{FileMark, ImageId, Status};

const CAR: usize = 13;

fn image(path: &str) -> ImageRecord {
    ImageRecord {
        id: ImageId(1),
        path: PathBuf::from(path),
        file: FileMark::default(),
        status: Status::Predicted,
        uncertainty: Some(0.4),
        disagreement: None,
        classes: None,
        changed: None,
        width: 4,
        height: 3,
        error: None,
        held_out: false,
        excluded: false,
    }
}

fn passes(text: &str, image: &ImageRecord) -> bool {
    filter(text).matches(image)
}

fn filter(text: &str) -> Filter {
    Filter::parse(text, &Palette::cityscapes()).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn fault(text: &str) -> Fault {
    Filter::parse(text, &Palette::cityscapes()).expect_err(text)
}

#[test]
fn statuses_names_and_figures_are_asked_for() {
    let mut street = image("day/Street 01.JPG");
    for text in [
        "",
        "   ",
        "street day",
        "name:*.jpg",
        "name:day/*",
        "\"street 01\"",
        "STATUS:Predicted",
        "status:reviewed,predicted",
        "-status:reviewed",
        "unc>=0.4 unc<41% unc:0.4..0.4",
        "-dis>0",
        "status:predicted -label:car unc>0.3 name:*.jpg -night",
    ] {
        assert!(passes(text, &street), "{text}");
    }
    for text in [
        "night",
        "status:corrected",
        "unc>0.4",
        "uncertainty<40%",
        "dis<=1",
        "name:street*.png",
        "label:car",
        "-day",
        "\"status:predicted\"",
    ] {
        assert!(!passes(text, &street), "{text}");
    }
    assert!(passes("export:yes", &street) && !passes("Export:NO", &street));
    street.excluded = true;
    assert!(passes("export:no -export:yes", &street));
    street.error = Some("damaged".to_owned());
    assert!(passes("status:broken", &street) && !passes("status:predicted", &street));
}

#[test]
fn classes_are_asked_for_by_name_and_share() {
    let mut street = image("a.png");
    let mut histogram = [0; 256];
    (histogram[CAR], histogram[6], histogram[255]) = (10, 89, 1);
    street.classes = Some(ClassPixels::new(&histogram));
    for text in [
        "label:car",
        "class:CAR",
        "label:bus,car",
        "label:\"traffic light\"",
        "label:car>5%",
        "label:car>=0.1",
        "label:car<0.5",
        "label:void",
        "-label:bus",
    ] {
        assert!(passes(text, &street), "{text}");
    }
    for text in ["label:bus", "label:car>10%", "label:bus<50%", "-label:car"] {
        assert!(!passes(text, &street), "{text}");
    }
}

#[test]
fn faults_point_at_the_word_and_say_what_is_expected() {
    let cases = [
        ("day statsu:predicted", "statsu:predicted", "status:"),
        ("status:done night", "status:done", "corrected"),
        ("status=predicted", "status=predicted", "colon"),
        ("label:cra", "label:cra", "road"),
        ("label:traffic", "label:traffic", "traffic light"),
        ("label:car>much", "label:car>much", "5%"),
        ("unc>", "unc>", "a number"),
        ("day -unc:0.4", "-unc:0.4", "unc:0.2..0.5"),
        ("unc=0.4", "unc=0.4", "unc>0.4"),
        ("unc>NaN", "unc>NaN", "a number"),
        ("export:never", "export:never", "export:no"),
        ("export>1", "export>1", "export:no"),
        ("name:", "name:", "name:*.jpg"),
        ("day \"open", "\"open", "closing"),
        ("frame=12", "frame=12", "quotes"),
    ];
    for (text, word, expected) in cases {
        let fault = fault(text);
        assert_eq!(&text[fault.span.clone()], word, "{text}");
        assert!(fault.expected.contains(expected), "{text}: {fault}");
    }
}

#[test]
fn words_are_completed_where_the_cursor_is() {
    let palette = Palette::cityscapes();
    let offered = |text: &str| {
        let completion = complete(text, text.len(), &palette);
        let choices = completion.choices.into_iter().map(|choice| choice.text);
        (completion.word, choices.collect::<Vec<_>>())
    };
    assert_eq!(offered("").1[0], "status:");
    assert_eq!(offered("day st"), (4..6, vec!["status:".to_owned()]));
    assert_eq!(
        offered("status:re").1,
        ["status:reviewed", "status:predicted", "status:corrected"]
    );
    assert_eq!(
        offered("status:reviewed,un").1,
        ["status:reviewed,unlabelled"]
    );
    assert_eq!(
        offered("-label:traf").1,
        ["-label:\"traffic light\"", "-label:\"traffic sign\""]
    );
    assert_eq!(offered("label:\"traffic l").1, ["label:\"traffic light\""]);
    assert_eq!(offered("label:sid").1, ["label:sidewalk"]);
    assert_eq!(offered("-export:y").1, ["-export:yes"]);
    assert!(offered("unc>0.4").1.is_empty());
    let inside = complete("status:pre day", 10, &palette);
    assert_eq!(
        (inside.word, inside.choices[0].text.as_str()),
        (0..10, "status:predicted")
    );
}

/// Words that make sense.
fn sense() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z0-9._]{1,6}",
        Just("status:predicted".to_owned()),
        Just("status:reviewed,broken".to_owned()),
        Just("label:car".to_owned()),
        Just("export:no".to_owned()),
        Just("name:*a*".to_owned()),
        Just("\"a b\"".to_owned()),
        (0..100_u8).prop_map(|part| format!("unc>{part}%")),
        (0..100_u8).prop_map(|part| format!("dis:0..0.{part:02}")),
    ];
    (any::<bool>(), word).prop_map(|(minus, word)| if minus { format!("-{word}") } else { word })
}

fn any_image() -> impl Strategy<Value = ImageRecord> {
    (
        "[a-z0-9._/ ]{1,12}",
        0..4_usize,
        prop::option::of(0.0..1.0_f32),
        prop::option::of(0.0..1.0_f32),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(path, status, uncertainty, disagreement, car, broken)| {
            let mut histogram = [0; 256];
            (histogram[0], histogram[CAR]) = (5, u64::from(car));
            ImageRecord {
                status: Status::ALL[status],
                uncertainty,
                disagreement,
                classes: Some(ClassPixels::new(&histogram)),
                error: broken.then(String::new),
                ..image(&path)
            }
        })
}

proptest! {
    #[test]
    fn nothing_typed_breaks_it(text in r#"[ \-":<>=.,%*?/a-zä0-9]{0,40}"#, cursor in 0..60_usize) {
        let palette = Palette::cityscapes();
        if let Err(fault) = Filter::parse(&text, &palette) {
            prop_assert!(text.get(fault.span.clone()).is_some_and(|word| !word.is_empty()));
            prop_assert!(!fault.expected.is_empty());
        }
        let completion = complete(&text, cursor, &palette);
        prop_assert!(text.get(completion.word).is_some());
    }

    #[test]
    fn every_word_must_hold(words in prop::collection::vec(sense(), 0..4), image in any_image()) {
        let together = passes(&words.join("  "), &image);
        let each = words.iter().all(|word| passes(word, &image));
        prop_assert_eq!(together, each);
    }

    #[test]
    fn a_minus_is_the_contrary(word in sense(), image in any_image()) {
        let plain = word.trim_start_matches('-');
        prop_assert_ne!(passes(plain, &image), passes(&format!("-{plain}"), &image));
    }

    #[test]
    fn what_is_offered_makes_sense_or_goes_on(typed in "(status|label|export):[a-z]{0,2}") {
        let palette = Palette::cityscapes();
        for choice in complete(&typed, typed.len(), &palette).choices {
            prop_assert!(Filter::parse(&choice.text, &palette).is_ok(), "{}", choice.text);
        }
    }
}
