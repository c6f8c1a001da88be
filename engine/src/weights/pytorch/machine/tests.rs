use super::*;

const STEPS: u64 = 10_000;

fn root(bytes: &[u8]) -> Result<Object<'_>> {
    let (pickle, _) = read(bytes, STEPS)?;
    Ok(pickle.root().clone())
}

#[test]
fn plain_values_come_out() {
    assert_eq!(root(b"\x80\x02K\x07."), Ok(Object::Int(7)));
    assert_eq!(root(b"J\xfe\xff\xff\xff."), Ok(Object::Int(-2)));
    assert_eq!(root(b"\x8a\x02\x00\xff."), Ok(Object::Int(-256)));
    assert_eq!(root(b"\x8a\x00."), Ok(Object::Int(0)));
    assert_eq!(root(b"X\x02\x00\x00\x00ab."), Ok(Object::Text("ab")));
    assert_eq!(root(b"U\x02\xff\xfe."), Ok(Object::Inert));
    assert_eq!(root(b"\x88."), Ok(Object::Bool(true)));
}

#[test]
fn dictionaries_keep_the_last_of_equal_keys() {
    let bytes = b"}(U\x01aK\x01U\x01aK\x02U\x01bK\x03u.";
    let (pickle, taken) = read(bytes, STEPS).unwrap();
    assert_eq!(taken, bytes.len());
    let Object::Dict(dict) = pickle.root() else {
        panic!("{pickle:?}");
    };
    assert_eq!(pickle.value(dict, "a"), Some(&Object::Int(2)));
    assert_eq!(pickle.value(dict, "c"), None);
}

#[test]
fn whatever_follows_is_left_alone() {
    let (pickle, taken) = read(b"K\x01.K\x02.", STEPS).unwrap();
    assert_eq!((pickle.root(), taken), (&Object::Int(1), 3));
}

#[test]
fn foreign_globals_are_named_and_nothing_is_called() {
    for (bytes, name) in [
        (&b"cos\nsystem\nU\x08rm -rf /\x85R."[..], "os.system"),
        (b"cposix\nsystem\n.", "posix.system"),
        (b"c__builtin__\neval\n.", "__builtin__.eval"),
        (b"\x8c\x08builtins\x8c\x04exec\x93.", "builtins.exec"),
        (b"ctorch\nQInt8Storage\n.", "torch.QInt8Storage"),
        (
            b"ctorchvision.models\nDeepLabV3\n.",
            "torchvision.models.DeepLabV3",
        ),
    ] {
        assert_eq!(root(bytes), Err(Fault::Global(name.to_owned())));
    }
    let long = [b"c", "ä".repeat(5000).as_bytes(), b"\nx\n."].concat();
    let Err(Fault::Global(name)) = root(&long) else {
        panic!("accepted");
    };
    assert!(name.len() < 200);
}

#[test]
fn settings_beside_the_weights_are_passed_over() {
    let bytes = b"cargparse\nNamespace\n)\x81}U\x02lrG?\xf0\x00\x00\x00\x00\x00\x00sb.";
    assert_eq!(root(bytes), Ok(Object::Inert));
    let set = b"c__builtin__\nset\n](K\x01K\x02e\x85R.";
    assert_eq!(root(set), Ok(Object::Inert));
}

#[test]
fn senseless_programs_are_damage() {
    for bytes in [
        &b"."[..],
        b"t.",
        b"K\x01a.",
        b"K\x01(0.",
        b"K\x01K\x02a.",
        b"}(K\x01u.",
        b"h\x00.",
        b"K\x01\x85Q.",
        b"K\x01)R.",
        b"ccollections\nOrderedDict\nK\x01R.",
        b"ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"ctorch\nFloatStorage\n)R.",
        b"\xff.",
    ] {
        let found = root(bytes);
        assert!(matches!(found, Err(Fault::Damaged(_))), "{found:?}");
    }
}

#[test]
fn nesting_and_circles_cost_neither_stack_nor_time() {
    let depth = 200_000;
    let nested = [vec![b'('; depth], vec![b't'; depth], vec![b'.']].concat();
    assert!(read(&nested, 1 << 20).is_ok());
    let tuples = [vec![b')'], vec![0x85; depth], vec![b'.']].concat();
    assert!(read(&tuples, 1 << 20).is_ok());
    // A list that holds itself, and a dictionary.
    assert!(root(b"]q\x00h\x00a.").is_ok());
    assert!(root(b"}q\x00U\x05modelh\x00s.").is_ok());
}

#[test]
fn steps_are_limited() {
    let limit = Err(Fault::TooMuch {
        what: "the number of steps in its pickle",
        found: STEPS + 1,
        limit: STEPS,
    });
    assert_eq!(root(&[vec![b'N'; 20_000], vec![b'.']].concat()), limit);
}

#[test]
fn copying_a_list_over_and_over_takes_steps() {
    // A thousand pairs, made into a dictionary a hundred times.
    let pair = b"K\x01K\x02\x86q\x00";
    let items = [&b"](h\x00"[..], &b"h\x00".repeat(999), b"e\x85q\x01"].concat();
    let calls = b"ccollections\nOrderedDict\nh\x01R".repeat(100);
    let bytes = [&pair[..], &items, &calls, b"."].concat();
    let found = root(&bytes);
    assert!(matches!(found, Err(Fault::TooMuch { .. })), "{found:?}");
}
