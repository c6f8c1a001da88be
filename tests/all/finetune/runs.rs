//! Runs: learning, resuming, stopping, the layers that learn, labels that are no class.

use atrous_engine::finetune::{
    CurvePoint, Datasets, FinetuneOptions, Labelled, Layers, RunOutcome, finetune,
    train_from_scratch,
};
use atrous_engine::jobs::Silent;
use atrous_engine::weights::collect;
use burn::tensor::Device;

use super::{Case, StopAt, config, largest_difference, options};

#[test]
fn a_fresh_network_learns_its_images() {
    let case = Case::new();
    let options = FinetuneOptions {
        steps: 120,
        batch: 4,
        min_scale_factor: 1.0,
        max_scale_factor: 1.0,
        evaluate_every: 60,
        slow_start_step: 0,
        batch_norm_decay: Some(0.9),
        dropout: false,
        ..options(120)
    };
    let mut seen = Vec::new();
    let mut on_point = |point: CurvePoint| seen.push(point);
    let outcome = train_from_scratch(
        &config(),
        &Device::flex(),
        &case.data(),
        &options,
        None,
        &mut Silent,
        &mut on_point,
    )
    .unwrap();
    let curve = &outcome.record.curve;
    let (first, last) = (curve.first().unwrap().loss, curve.last().unwrap().loss);
    assert!(
        last < 0.5 * first,
        "the loss only fell from {first} to {last}"
    );
    let score = outcome.record.after.as_ref().unwrap();
    // Sky and road alone would make less than half of the pixels.
    assert!(score.pixel_accuracy.unwrap() > 0.5, "{score:?}");
    assert_eq!(score.iou.len(), 19);
    assert!(
        score.iou.iter().any(Option::is_none),
        "a scene without any bus, train or rider"
    );
    assert_eq!(
        (
            score.images,
            outcome.record.before.is_none(),
            outcome.stopped
        ),
        (3, true, false)
    );
    assert_eq!(
        seen.iter()
            .filter(|point| point.held_out_miou.is_some())
            .count(),
        2
    );
}

#[test]
fn a_resumed_run_ends_where_an_uninterrupted_one_does() {
    let case = Case::new();
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let options = options(10);
    let outcome = case.fresh(&options, Some(&whole), &mut Silent).unwrap();
    let stopped = case.fresh(&options, Some(&parts), &mut StopAt(7)).unwrap();
    assert!(stopped.stopped);
    assert_eq!(stopped.record.step, 7);
    let resumed = case.fresh(&options, Some(&parts), &mut Silent).unwrap();
    assert_eq!((resumed.stopped, resumed.record.step), (false, 10));
    assert_eq!(resumed.record.best_step, outcome.record.best_step);
    let weights = |outcome: &RunOutcome| collect(&outcome.network).unwrap();
    assert!(largest_difference(&weights(&outcome), &weights(&resumed)) < 1e-5);
    let losses = |outcome: &RunOutcome| outcome.record.curve.last().unwrap().step;
    assert_eq!(losses(&outcome), losses(&resumed));

    let longer = FinetuneOptions {
        steps: 12,
        ..options
    };
    let longer_run = case.fresh(&longer, Some(&parts), &mut Silent).unwrap();
    assert_eq!(longer_run.record.step, 12);

    let other = FinetuneOptions { seed: 1, ..longer };
    let error = case.fresh(&other, Some(&parts), &mut Silent).unwrap_err();
    let expected = "a run with other settings (seed 0 there, 1 now)";
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_run_stopped_before_its_first_step_has_nothing_to_give() {
    let error = Case::new()
        .fresh(&options(10), None, &mut StopAt(0))
        .unwrap_err();
    assert!(error.is_cancelled(), "{error}");
}

#[test]
fn fine_tuning_never_gives_back_a_worse_model() {
    let case = Case::new();
    let fresh = case.fresh(&options(5), None, &mut Silent).unwrap().network;
    // A rate that ruins the model.
    let ruin = FinetuneOptions {
        fine_tune_batch_norm: false,
        base_learning_rate: 5.0,
        slow_start_step: 0,
        ..options(5)
    };
    let outcome = case.further(&fresh, &ruin).unwrap();
    let (before, after) = (
        outcome.record.before.unwrap(),
        outcome.record.after.unwrap(),
    );
    assert!(after.miou >= before.miou);
    if outcome.record.best_step == 0 {
        let kept = collect(&outcome.network).unwrap();
        assert_eq!(largest_difference(&collect(&fresh).unwrap(), &kept), 0.0);
    }
}

#[test]
fn only_the_layers_asked_for_learn() {
    let case = Case::new();
    let network = case.fresh(&options(5), None, &mut Silent).unwrap().network;
    let before = collect(&network).unwrap();
    let no_images = Vec::<Labelled>::new();
    let moved = |layers| {
        let options = FinetuneOptions {
            layers,
            fine_tune_batch_norm: false,
            base_learning_rate: 0.01,
            slow_start_step: 0,
            ..options(2)
        };
        let data = Datasets {
            held_out: &no_images,
            ..case.data()
        };
        let start = case.start(&network);
        let outcome = finetune(&start, &data, &options, None, &mut Silent, &mut |_| {}).unwrap();
        let after = collect(&outcome.network).unwrap();
        let changed = before.tensors.iter();
        let changed = changed.filter(|(name, tensor)| after.get(name) != Some(tensor));
        changed.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let head = moved(Layers::Head);
    assert_eq!(head, ["logits/semantic/biases", "logits/semantic/weights"]);
    let decoder = moved(Layers::Decoder);
    assert!(decoder.contains(&"aspp0/weights".to_owned()), "{decoder:?}");
    let backbone = |name: &String| name.starts_with("MobilenetV2");
    assert!(!decoder.iter().any(backbone), "{decoder:?}");
    let all = moved(Layers::All);
    assert!(
        all.contains(&"MobilenetV2/Conv/weights".to_owned()),
        "{all:?}"
    );
    assert!(!all.iter().any(|name| name.contains("moving_")), "{all:?}");
}

#[test]
fn a_label_that_is_no_class_is_named() {
    let mut case = Case::new();
    for labelled in &mut case.train {
        labelled.labels[5] = 19;
    }
    let error = case
        .fresh(&options(2), None, &mut Silent)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("below 19") && error.contains("found 19"),
        "{error}"
    );
}
