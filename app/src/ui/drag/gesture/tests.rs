use super::*;

/// The pointer that presses.
const ONE: i32 = 1;
/// What it presses on.
const ITEM: char = 'a';

fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

fn press(touch: bool) -> GestureInput<char> {
    GestureInput::Press { pointer: ONE, item: ITEM, at: at(100.0, 100.0), touch }
}

fn run(inputs: &[GestureInput<char>]) -> (Gesture<char>, Vec<GestureOutcome<char>>) {
    let mut gesture = Gesture::Idle;
    let outcomes = inputs.iter().map(|input| gesture.on(*input)).collect();
    (gesture, outcomes)
}

fn begun() -> GestureOutcome<char> {
    GestureOutcome::Begin { item: ITEM, pointer: Some((ONE, at(100.0, 100.0))) }
}

#[test]
fn a_mouse_drags_after_four_pixels() {
    let (gesture, outcomes) = run(&[
        press(false),
        GestureInput::Move { pointer: ONE, at: at(103.0, 100.0) },
        GestureInput::Move { pointer: ONE, at: at(104.0, 100.0) },
        GestureInput::Move { pointer: ONE, at: at(300.0, 90.0) },
        GestureInput::Release { pointer: ONE },
    ]);
    let expected = [
        GestureOutcome::Nothing,
        GestureOutcome::Nothing,
        begun(),
        GestureOutcome::Track(at(300.0, 90.0)),
        GestureOutcome::Drop,
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn a_press_without_a_move_is_a_click() {
    let (gesture, outcomes) = run(&[press(false), GestureInput::Release { pointer: ONE }]);
    assert_eq!(outcomes, [GestureOutcome::Nothing, GestureOutcome::Nothing]);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn a_finger_that_moves_before_the_hold_scrolls() {
    let (gesture, outcomes) = run(&[
        press(true),
        GestureInput::Move { pointer: ONE, at: at(100.0, 109.0) },
        GestureInput::Held { pointer: ONE },
        GestureInput::Move { pointer: ONE, at: at(100.0, 190.0) },
    ]);
    assert_eq!(outcomes[0], GestureOutcome::Wait { pointer: ONE });
    assert_eq!(outcomes[1..], [GestureOutcome::Nothing; 3]);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn a_finger_that_is_held_starts_a_drag() {
    let (gesture, outcomes) = run(&[
        press(true),
        GestureInput::Move { pointer: ONE, at: at(105.0, 105.0) },
        GestureInput::Held { pointer: ONE },
    ]);
    assert_eq!(outcomes[2], begun());
    assert!(gesture.is_dragging() && !gesture.is_by_key());
}

#[test]
fn a_second_finger_ends_the_wait() {
    let second = GestureInput::Press { pointer: 2, item: ITEM, at: at(0.0, 0.0), touch: true };
    let (gesture, outcomes) = run(&[press(true), second, GestureInput::Held { pointer: ONE }]);
    assert_eq!(outcomes[1..], [GestureOutcome::Nothing; 2]);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn losing_the_pointer_or_pressing_escape_cancels_the_drag() {
    for end in [GestureInput::Lost { pointer: ONE }, GestureInput::Escape] {
        let (gesture, outcomes) = run(&[press(true), GestureInput::Held { pointer: ONE }, end]);
        assert_eq!(outcomes[2], GestureOutcome::Cancel);
        assert_eq!(gesture, Gesture::Idle);
    }
}

#[test]
fn other_pointers_do_not_affect_a_drag() {
    let (gesture, outcomes) = run(&[
        press(true),
        GestureInput::Held { pointer: ONE },
        GestureInput::Move { pointer: 2, at: at(0.0, 0.0) },
        GestureInput::Release { pointer: 2 },
        GestureInput::Lost { pointer: 2 },
    ]);
    assert_eq!(outcomes[2..], [GestureOutcome::Nothing; 3]);
    assert!(gesture.is_dragging());
}

#[test]
fn keys_start_and_end_a_drag() {
    let lift = GestureInput::Lift { item: ITEM };
    let (_, outcomes) = run(&[lift, GestureInput::DropByKey]);
    assert_eq!(outcomes, [GestureOutcome::Begin { item: ITEM, pointer: None }, GestureOutcome::Drop]);
    let (gesture, outcomes) = run(&[lift, press(false)]);
    assert_eq!(outcomes[1], GestureOutcome::Cancel);
    assert_eq!(gesture, Gesture::Idle);
}
