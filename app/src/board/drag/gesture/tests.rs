use uuid::Uuid;

use super::*;

const ONE: i32 = 1;

fn task() -> TaskId {
    TaskId::new(Uuid::from_u128(1))
}

fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

fn press(touch: bool) -> Input {
    Input::Press { pointer: ONE, task: task(), at: at(100.0, 100.0), touch }
}

fn run(inputs: &[Input]) -> (Gesture, Vec<Outcome>) {
    let mut gesture = Gesture::default();
    let outcomes = inputs.iter().map(|input| gesture.on(*input)).collect();
    (gesture, outcomes)
}

fn begun() -> Outcome {
    Outcome::Begin { task: task(), pointer: Some((ONE, at(100.0, 100.0))) }
}

#[test]
fn a_mouse_drags_after_four_pixels() {
    let (gesture, outcomes) = run(&[
        press(false),
        Input::Move { pointer: ONE, at: at(103.0, 100.0) },
        Input::Move { pointer: ONE, at: at(104.0, 100.0) },
        Input::Move { pointer: ONE, at: at(300.0, 90.0) },
        Input::Release { pointer: ONE },
    ]);
    let expected = [Outcome::Nothing, Outcome::Nothing, begun(), Outcome::Track(at(300.0, 90.0)), Outcome::Drop];
    assert_eq!(outcomes, expected);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn a_press_that_stays_is_a_click() {
    let (gesture, outcomes) = run(&[press(false), Input::Release { pointer: ONE }]);
    assert_eq!(outcomes, [Outcome::Nothing, Outcome::Nothing]);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn a_finger_that_moves_first_scrolls() {
    let (gesture, outcomes) = run(&[
        press(true),
        Input::Move { pointer: ONE, at: at(100.0, 109.0) },
        Input::Held { pointer: ONE },
        Input::Move { pointer: ONE, at: at(100.0, 190.0) },
    ]);
    assert_eq!(outcomes[0], Outcome::Wait { pointer: ONE });
    assert_eq!(outcomes[1..], [Outcome::Nothing; 3]);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn a_finger_that_rests_lifts_the_card() {
    let (gesture, outcomes) =
        run(&[press(true), Input::Move { pointer: ONE, at: at(105.0, 105.0) }, Input::Held { pointer: ONE }]);
    assert_eq!(outcomes[2], begun());
    assert!(gesture.is_carried() && !gesture.is_by_key());
}

#[test]
fn a_second_finger_ends_the_wait() {
    let second = Input::Press { pointer: 2, task: task(), at: at(0.0, 0.0), touch: true };
    let (gesture, outcomes) = run(&[press(true), second, Input::Held { pointer: ONE }]);
    assert_eq!(outcomes[1..], [Outcome::Nothing; 2]);
    assert_eq!(gesture, Gesture::Idle);
}

#[test]
fn a_carried_card_goes_back_when_the_pointer_is_lost_or_on_escape() {
    for end in [Input::Lost { pointer: ONE }, Input::Escape] {
        let (gesture, outcomes) = run(&[press(true), Input::Held { pointer: ONE }, end]);
        assert_eq!(outcomes[2], Outcome::Cancel);
        assert_eq!(gesture, Gesture::Idle);
    }
}

#[test]
fn only_the_pointer_that_carries_counts() {
    let (gesture, outcomes) = run(&[
        press(true),
        Input::Held { pointer: ONE },
        Input::Move { pointer: 2, at: at(0.0, 0.0) },
        Input::Release { pointer: 2 },
        Input::Lost { pointer: 2 },
    ]);
    assert_eq!(outcomes[2..], [Outcome::Nothing; 3]);
    assert!(gesture.is_carried());
}

#[test]
fn keys_lift_and_put() {
    let lift = Input::Lift { task: task() };
    let (_, outcomes) = run(&[lift, Input::Put]);
    assert_eq!(outcomes, [Outcome::Begin { task: task(), pointer: None }, Outcome::Drop]);
    let (gesture, outcomes) = run(&[lift, press(false)]);
    assert_eq!(outcomes[1], Outcome::Cancel);
    assert_eq!(gesture, Gesture::Idle);
}
