//! How the values of options are read.

use crate::Place;
use std::{net::SocketAddr, num::NonZeroU32};

/// Something that can stand behind `=`.
pub(crate) trait Value: Sized {
    /// What is taken, for whoever gave something else.
    const EXPECTED: &'static str;
    fn read(text: &str) -> Option<Self>;
}

/// A value, or `off`.
#[derive(Clone, Debug)]
pub(crate) enum OrOff<T> {
    Off,
    On(T),
}

/// Where the access log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    Off,
    Stdout,
    File(String),
}

/// So many in a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) count: u32,
    pub(crate) seconds: u64,
}

impl Value for SocketAddr {
    const EXPECTED: &'static str = "address:port, such as 0.0.0.0:8443 or [::]:8443";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|address: &Self| address.port() > 0)
    }
}

impl Value for OrOff<SocketAddr> {
    const EXPECTED: &'static str = "address:port, such as 127.0.0.1:8000, or off";
    fn read(text: &str) -> Option<Self> {
        if text == "off" { Some(Self::Off) } else { SocketAddr::read(text).map(Self::On) }
    }
}

impl Value for Place {
    const EXPECTED: &'static str = "host:port";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Value for OrOff<Place> {
    const EXPECTED: &'static str = "host:port, or off";
    fn read(text: &str) -> Option<Self> {
        if text == "off" { Some(Self::Off) } else { Place::read(text).map(Self::On) }
    }
}

impl Value for Vec<Place> {
    const EXPECTED: &'static str = "host:port, several with commas between them";
    fn read(text: &str) -> Option<Self> {
        text.split(',').map(|place| Place::read(place.trim())).collect()
    }
}

impl Value for String {
    const EXPECTED: &'static str = "a path or a name, not nothing";
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }
}

impl Value for bool {
    const EXPECTED: &'static str = "true or false";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Value for u16 {
    const EXPECTED: &'static str = "a port: 1 to 65535";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|port| *port > 0)
    }
}

impl Value for u32 {
    const EXPECTED: &'static str = "a number from 0 to 4294967295";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Value for u64 {
    const EXPECTED: &'static str = "a number from 1 to 10000000";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| (1..=10_000_000).contains(number))
    }
}

impl Value for Rate {
    const EXPECTED: &'static str = "so many per second or minute, such as 500/s or 6000/m";
    fn read(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once('/')?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            _ => return None,
        };
        Some(Self { count: count.parse::<NonZeroU32>().ok()?.get(), seconds })
    }
}

impl Value for Log {
    const EXPECTED: &'static str = "stdout, off, or the absolute path of a file";
    fn read(text: &str) -> Option<Self> {
        match text {
            "stdout" => Some(Self::Stdout),
            "off" => Some(Self::Off),
            path if path.starts_with('/') => Some(Self::File(path.to_owned())),
            _ => None,
        }
    }
}
