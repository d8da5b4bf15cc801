//! What the tables say: which programs there are, which streams each has, and what the service is called.

use vpo_reading::{Cursor, Short};

use crate::descriptors::{self, Descriptor};

pub const PROGRAMS_PID: u16 = 0x0000;
pub const SERVICES_PID: u16 = 0x0011;
/// What is broadcast when; ffmpeg makes a stream of it.
pub const SCHEDULE_PID: u16 = 0x0012;
/// Packets of this PID hold nothing.
pub const NULL_PID: u16 = 0x1fff;

const PROGRAM_ASSOCIATION: u8 = 0x00;
const PROGRAM_MAP: u8 = 0x02;
const SERVICES: u8 = 0x42;

/// One program as the association table lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    pub number: u16,
    pub map_pid: u16,
}

/// One program map.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub number: u16,
    pub clock_pid: u16,
    /// Registered format of the whole program, such as `HDMV`.
    pub registration: Option<[u8; 4]>,
    pub streams: Vec<Entry>,
}

/// One stream as a program map lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub stream_type: u8,
    pub pid: u16,
    pub descriptors: Vec<Descriptor>,
}

/// Name and provider of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub name: Option<String>,
    pub provider: Option<String>,
}

/// Reads the programs of a program association section.
pub fn programs(section: &[u8]) -> Option<Vec<Listed>> {
    let mut body = body(section, PROGRAM_ASSOCIATION).ok()??.1;
    let mut programs = Vec::new();
    while let (Ok(number), Ok(pid)) = (body.u16_be(), body.u16_be()) {
        // Program zero is where the network is described.
        if number != 0 {
            programs.push(Listed { number, map_pid: pid & 0x1fff });
        }
    }
    Some(programs)
}

/// Reads a program map section.
pub fn program(section: &[u8]) -> Option<Program> {
    let (number, mut body) = body(section, PROGRAM_MAP).ok()??;
    let clock_pid = body.u16_be().ok()? & 0x1fff;
    let registration =
        descriptors::read(counted(&mut body).ok()?).into_iter().find_map(|descriptor| match descriptor {
            Descriptor::Registration(letters) => Some(letters),
            _ => None,
        });
    let mut streams = Vec::new();
    while let Ok(entry) = entry(&mut body) {
        streams.push(entry);
    }
    Some(Program { number, clock_pid, registration, streams })
}

fn entry(body: &mut Cursor<'_>) -> Result<Entry, Short> {
    let stream_type = body.u8()?;
    let pid = body.u16_be()? & 0x1fff;
    Ok(Entry { stream_type, pid, descriptors: descriptors::read(counted(body)?) })
}

/// Reads the services of a service description section (ETSI EN 300 468 §5.2.3).
pub fn services(section: &[u8]) -> Option<Vec<Service>> {
    let mut body = body(section, SERVICES).ok()??.1;
    // Network, reserved.
    body.skip(3).ok()?;
    let mut services = Vec::new();
    while let Ok(found) = service(&mut body) {
        services.extend(found);
    }
    Some(services)
}

fn service(body: &mut Cursor<'_>) -> Result<Option<Service>, Short> {
    // Number, flags of schedules.
    body.skip(3)?;
    Ok(descriptors::read(counted(body)?).into_iter().find_map(|descriptor| match descriptor {
        Descriptor::Service { name, provider } => Some(Service { name, provider }),
        _ => None,
    }))
}

/// Returns what a section of a table is about and its content, without head and checksum; `None` for another table or one
/// that is only announced.
fn body(section: &[u8], table: u8) -> Result<Option<(u16, Cursor<'_>)>, Short> {
    let mut cursor = Cursor::new(section);
    if cursor.u8()? != table {
        return Ok(None);
    }
    cursor.skip(2)?;
    let about = cursor.u16_be()?;
    let is_current = cursor.u8()? & 1 != 0;
    // Number of this section and of the last one.
    cursor.skip(2)?;
    let length = cursor.left().saturating_sub(4);
    Ok(is_current.then_some((about, cursor.inner(length)?)))
}

/// Takes what stands behind a length of twelve bits.
fn counted<'a>(body: &mut Cursor<'a>) -> Result<&'a [u8], Short> {
    let length = body.u16_be()? & 0x0fff;
    body.take(length.into())
}
