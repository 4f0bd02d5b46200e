//! Running a command with a time limit, its output in a file.

#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How a command ended and what it wrote to both its outputs.
pub struct Outcome {
    pub end: End,
    pub output: String,
    pub took: Duration,
}

/// The end of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exit(i32),
    Signal(i32),
    TimedOut,
}

impl Outcome {
    pub fn succeeded(&self) -> bool {
        self.end == End::Exit(0)
    }
}

/// Runs a command; both outputs go to `log`, and all of it is killed after `limit`.
pub fn run(command: &mut Command, limit: Duration, log: &Path) -> io::Result<Outcome> {
    let started = Instant::now();
    let file = File::create(log)?;
    // Cargo's own, which would put another library before the one that a program was linked with.
    command.env_remove("LD_LIBRARY_PATH");
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
    let mut child = command.spawn()?;
    let group = child.id();
    let (ended, end) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait()));
    let end = match end.recv_timeout(limit) {
        Ok(status) => end_of(status?),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            kill_group(group);
            End::TimedOut
        }
    };
    let output = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    Ok(Outcome { end, output, took: started.elapsed() })
}

fn end_of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exit(code),
        (None, signal) => End::Signal(signal.unwrap_or(0)),
    }
}

/// A command is started as the leader of a process group, so its children go with it.
fn kill_group(group: u32) {
    let group = format!("-{group}");
    let killed = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    if let Err(error) = killed {
        eprintln!("process group {group} could not be killed: {error}");
    }
}

/// Whether a program of this name is in PATH.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn output_and_exit_code_arrive() {
        let dir = Scratch::new("process").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let ran = run(&mut command, Duration::from_secs(10), &dir.path().join("log")).unwrap();
        assert_eq!((ran.end, ran.output.as_str()), (End::Exit(3), "out\nerr\n"));
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let dir = Scratch::new("process").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60"]);
        let ran = run(&mut command, Duration::from_millis(50), &dir.path().join("log")).unwrap();
        assert_eq!(ran.end, End::TimedOut);
    }
}
