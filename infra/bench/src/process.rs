//! A program that runs, and what the system knows of it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use wire::Fault;

/// A running program. It ends when this is dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program with these variables and no others.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        variables: impl IntoIterator<Item = (String, String)>,
        output: Stdio,
    ) -> Result<Self, Fault> {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(variables).stdin(Stdio::null()).stdout(output);
        let child = command.spawn();
        let child =
            child.map_err(|error| Fault::bug(format!("{} does not start: {error}", program.display())))?;
        Ok(Self { child })
    }

    /// The program itself.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Processor time so far, of the program and of the system for it; counted in hundredths of a second.
    pub fn cpu(&self) -> Result<Duration, Fault> {
        let stat = self.read("stat")?;
        // The name before it stands in brackets and may hold blanks.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = |field: usize| after_name.split_whitespace().nth(field)?.parse::<u64>().ok();
        match (ticks(11), ticks(12)) {
            (Some(user), Some(system)) => Ok(Duration::from_millis((user + system) * 10)),
            _ => Err(Fault::bug("the system tells no processor time")),
        }
    }

    /// Memory in use, in bytes.
    pub fn resident(&self) -> Result<u64, Fault> {
        self.memory("VmRSS:")
    }

    /// The most memory that ever was in use, in bytes.
    pub fn peak(&self) -> Result<u64, Fault> {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> Result<u64, Fault> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(kilobytes.ok_or_else(|| Fault::bug("the system tells no memory"))? * 1024)
    }

    fn read(&self, file: &str) -> Result<String, Fault> {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).map_err(Fault::bug)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the program of that name is: packed as for deployment, or as the compiler left it.
pub fn program(folder: &Path, name: &str) -> Result<PathBuf, Fault> {
    let places = [folder.join(name).join("bootstrap"), folder.join(name)];
    let found = places.into_iter().find(|place| place.is_file());
    found.ok_or_else(|| Fault::bug(format!("{} is not built in {}", name, folder.display())))
}
