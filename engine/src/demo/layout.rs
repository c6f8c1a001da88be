//! What stands where in the street, before anything is painted.

use super::geometry::{Camera, Rgb};
use super::rng::Rng;
use super::{Size, building::Building, car::Car, furniture::Sign, person::Person, tree::Tree};

/// How far the street goes, in metres.
pub(super) const END: f32 = 120.0;

/// One street.
pub(super) struct Layout {
    /// Where it is seen from.
    pub camera: Camera,
    /// Metres from the road's middle to the kerb.
    pub kerb: f32,
    /// Metres from the road's middle to the house fronts.
    pub front: f32,
    /// The nearest edge of a zebra crossing.
    pub crossing: Option<f32>,
    /// House fronts and the gaps between them, far ones first.
    pub lots: Vec<Lot>,
    /// Everything that stands free, far things first.
    pub things: Vec<(f32, Thing)>,
    /// Seed of the road's and the sky's texture.
    pub texture: u32,
    /// Whether the street ends in trees rather than houses.
    pub ends_green: bool,
    /// The paving's colour.
    pub paving: Rgb,
}

/// What fills a stretch of one side of the street.
pub(super) enum Lot {
    /// A house.
    House(Building),
    /// A garden behind a hedge: its side (-1 or 1), start and end along the street, and a seed.
    Garden(f32, f32, f32, u32),
}

/// Something that stands free in the street.
pub(super) enum Thing {
    /// A tree.
    Tree(Tree),
    /// A street lamp at x, its arm over the road.
    Lamp(f32),
    /// A pole with a traffic sign.
    Sign(Sign),
    /// A car.
    Car(Car),
    /// A person.
    Person(Person),
}

impl Layout {
    /// A street for an image of `size`.
    pub(super) fn new(rng: &mut Rng, size: Size) -> Self {
        let (width, height) = (size.width as f32, size.height as f32);
        let kerb = rng.range(4.2, 6.2);
        let front = kerb + rng.range(2.8, 4.4);
        let camera = Camera {
            centre: [
                width * rng.range(0.42, 0.58),
                height * rng.range(0.40, 0.50),
            ],
            focal: 0.60 * width.max(height * 1.35),
            height: rng.range(1.45, 2.1),
            x: rng.range(-0.3, 0.45) * kerb,
        };
        let mut layout = Self {
            camera,
            kerb,
            front,
            crossing: rng.chance(0.4).then(|| rng.range(6.0, 14.0)),
            lots: Vec::new(),
            things: Vec::new(),
            texture: rng.seed(),
            ends_green: rng.chance(0.5),
            paving: rng.pick(&[
                Rgb::display(172, 164, 154),
                Rgb::display(156, 152, 150),
                Rgb::display(178, 160, 142),
            ]),
        };
        for side in [-1.0, 1.0] {
            layout.build_up(rng, side);
            layout.plant(rng, side);
            layout.furnish(rng, side);
            layout.park(rng, side);
            layout.people_pavement(rng, side);
        }
        layout.drive(rng);
        layout.things.sort_by(|a, b| b.0.total_cmp(&a.0));
        layout
    }

    /// Houses and gardens along one side.
    fn build_up(&mut self, rng: &mut Rng, side: f32) {
        let mut lots = Vec::new();
        let tall = rng.range(7.0, 15.0);
        let mut z = rng.range(-8.0, 0.0);
        while z < END {
            let length = rng.range(8.0, 18.0);
            let end = z + length;
            if rng.chance(0.2) {
                lots.push(Lot::Garden(side, z, end, rng.seed()));
            } else {
                let height = tall * rng.range(0.65, 1.3);
                let house = Building::new(rng, side * self.front, [z, end], height);
                lots.push(Lot::House(house));
            }
            z = end;
        }
        self.lots.extend(lots.into_iter().rev());
    }

    fn plant(&mut self, rng: &mut Rng, side: f32) {
        if rng.chance(0.2) {
            return;
        }
        let spacing = rng.range(8.0, 15.0);
        let mut z = rng.range(6.0, 14.0);
        let size = rng.range(0.85, 1.2);
        while z < 80.0 {
            if rng.chance(0.8) {
                let x = side * (self.kerb + 1.1);
                self.things.push((z, Thing::Tree(Tree::new(rng, x, size))));
            }
            z += spacing * rng.range(0.8, 1.2);
        }
    }

    fn furnish(&mut self, rng: &mut Rng, side: f32) {
        let edge = side * (self.kerb + 0.45);
        let mut z = rng.range(7.0, 14.0);
        while z < 50.0 {
            self.things.push((z, Thing::Lamp(edge)));
            z += rng.range(14.0, 18.0);
        }
        let mut z = rng.range(5.0, 12.0);
        for _ in 0..rng.count(1, 3) {
            self.things.push((z, Thing::Sign(Sign::new(rng, edge))));
            z += rng.range(5.0, 10.0);
        }
    }

    fn park(&mut self, rng: &mut Rng, side: f32) {
        let crowded = rng.range(0.25, 0.85);
        let mut z = rng.range(5.0, 10.0);
        while z < 60.0 {
            if rng.chance(crowded) {
                let car = Car::new(rng, side * (self.kerb - 1.05), side > 0.0);
                self.things.push((z, Thing::Car(car)));
            }
            z += rng.range(5.6, 7.5);
        }
    }

    fn people_pavement(&mut self, rng: &mut Rng, side: f32) {
        for _ in 0..rng.count(2, 5) {
            let x = side * rng.range(self.kerb + 0.7, self.front - 0.5);
            let z = rng.range(4.5, 17.0);
            self.things.push((z, Thing::Person(Person::new(rng, x))));
        }
    }

    /// Traffic on the road itself, and people who cross it.
    fn drive(&mut self, rng: &mut Rng) {
        let lane = (self.kerb - 2.1) * 0.5;
        if rng.chance(0.7) {
            let car = Car::new(rng, lane, true);
            self.things.push((rng.range(9.0, 30.0), Thing::Car(car)));
        }
        if rng.chance(0.7) {
            let car = Car::new(rng, -lane, false);
            self.things.push((rng.range(8.0, 35.0), Thing::Car(car)));
        }
        if let Some(crossing) = self.crossing {
            for _ in 0..rng.count(0, 2) {
                let x = rng.range(-self.kerb, self.kerb) * 0.8;
                let z = crossing + rng.range(0.5, 2.2);
                self.things.push((z, Thing::Person(Person::new(rng, x))));
            }
        }
    }
}
