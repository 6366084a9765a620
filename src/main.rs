//! The program: the command line decides.

fn main() -> std::process::ExitCode {
    gpurate::cli::main()
}
