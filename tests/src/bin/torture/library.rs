//! A library that changes at random.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use vpo_tests::film;

use crate::random::Random;

/// A folder of films.
pub struct Library {
    root: PathBuf,
    film: Vec<u8>,
    files: Vec<PathBuf>,
    made: usize,
}

impl Library {
    pub fn new(root: PathBuf) -> Self {
        let film = fs::read(film("torture")).expect("films are readable");
        Self { root, film, files: Vec::new(), made: 0 }
    }

    pub fn fill(&mut self, random: &mut Random, count: usize) {
        (0..count).for_each(|_| self.add(random));
    }

    /// Does a few things that people and their programs do to films.
    pub fn change(&mut self, random: &mut Random) {
        for _ in 0..1 + random.below(8) {
            let index = random.below(self.files.len());
            match random.below(7) {
                0 => self.add(random),
                1 if self.files.len() > 100 => self.remove(index),
                2 => self.rename(index, random),
                3 => self.edit(index),
                4 => self.shift_time(index, random),
                5 => self.link(index),
                _ => self.damage(index),
            }
        }
    }

    fn place(&mut self, random: &mut Random) -> PathBuf {
        self.made += 1;
        let folder = self.root.join(format!("shelf {}", random.below(20)));
        fs::create_dir_all(&folder).expect("the library is writable");
        folder.join(format!("Film {:05}.mkv", self.made))
    }

    fn add(&mut self, random: &mut Random) {
        let path = self.place(random);
        let mut file = File::create(&path).expect("the library is writable");
        file.write_all(&self.film).expect("the library is writable");
        // An EBML Void element makes the bytes of every film its own.
        file.write_all(&[0xec, 0x88]).expect("the library is writable");
        file.write_all(&(self.made as u64).to_be_bytes()).expect("the library is writable");
        self.files.push(path);
    }

    fn remove(&mut self, index: usize) {
        fs::remove_file(self.files.swap_remove(index)).expect("the library is writable");
    }

    fn rename(&mut self, index: usize, random: &mut Random) {
        let to = self.place(random);
        fs::rename(&self.files[index], &to).expect("the library is writable");
        self.files[index] = to;
    }

    fn edit(&mut self, index: usize) {
        let mut file = File::options().append(true).open(&self.files[index]).expect("the library is writable");
        file.write_all(&[0xec, 0x80]).expect("the library is writable");
    }

    fn shift_time(&mut self, index: usize, random: &mut Random) {
        let file = File::options().append(true).open(&self.files[index]).expect("the library is writable");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + random.below(500_000_000) as u64);
        file.set_modified(time).expect("the file is ours");
    }

    fn link(&mut self, index: usize) {
        self.made += 1;
        let to = self.root.join(format!("Link {:05}.mkv", self.made));
        fs::hard_link(&self.files[index], &to).expect("the library is writable");
        self.files.push(to);
    }

    /// Breaks a film off in the middle and writes it again behind that.
    fn damage(&mut self, index: usize) {
        let path = &self.files[index];
        fs::write(path, &self.film[..self.film.len() / 2]).expect("the library is writable");
        let mut file = File::options().append(true).open(path).expect("the library is writable");
        file.write_all(&self.film).expect("the library is writable");
    }
}
