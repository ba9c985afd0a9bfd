package dev.grain.cli.run;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Flags of GNU parallel that {@code grain run} does not have, and what to use instead. */
final class ParallelFlags {
  private static final Map<String, String> ADVICE = new HashMap<>();

  static {
    put(
        "use --workers HOST:PORT,... with a grain-worker on each machine",
        "-S",
        "--sshlogin",
        "--sshloginfile",
        "--slf",
        "--onall",
        "--nonall",
        "--ssh",
        "--controlmaster",
        "-M");
    put(
        "files are not copied to workers; use a folder that all machines have",
        "--transfer",
        "--transferfile",
        "--tf",
        "--return",
        "--cleanup",
        "--trc",
        "--basefile",
        "--bf");
    put(
        "standard input is not split among jobs; write the parts to files, for example with split(1), and"
            + " run a job for each",
        "--pipe",
        "--pipepart",
        "--pipe-part",
        "--spreadstdin",
        "--block",
        "--block-size",
        "--recstart",
        "--recend",
        "--round-robin",
        "--round",
        "--cat",
        "--fifo",
        "--tee");
    put(
        "each job takes one input; to give a job several, write them in one line with --colsep",
        "-n",
        "--max-args",
        "-N",
        "--max-replace-args",
        "-L",
        "--max-lines",
        "-X",
        "-m",
        "--xargs",
        "-x",
        "-s",
        "--max-chars");
    put(
        "use --output FOLDER, which will contain NUMBER.out, NUMBER.err and jobs.tsv",
        "--results",
        "--res",
        "--files",
        "--outputasfiles");
    put("use --resume FILE, which runs failed jobs again", "--resume-failed", "--retry-failed");
    put("use the linked sources :::+ and ::::+", "--link", "--xapply");
    put("use --sweep NAME=VALUE,... or {1}, {2}, ...", "--header");
    put(
        "the placeholders are {} and {1}, {2}, ...",
        "-I", "--replace", "-i", "-U", "--plus", "--rpl");
    put(
        "use --cpus or --memory, which reserve them for each job",
        "--load",
        "--memfree",
        "--memsuspend");
    put("output is never mixed within a line; remove the option", "-u", "--ungroup");
    put("use --tag, which prefixes each line with the input", "--tagstring");
    put("use --dry-run to see the commands", "-t", "--verbose", "-v", "-p", "--interactive");
    put("use --grace TIME for the time between SIGTERM and SIGKILL", "--termseq");
    put("use --time-limit", "--limit");
    put("set the variable TMPDIR", "--tmpdir", "--tempdir");
    put("shuffle the inputs first, for example with shuf(1)", "--shuf");
    put("start the command itself with nice", "--nice");
    put("jobs start as soon as there is room", "--delay");
    put(
        "run one grain run with all inputs",
        "--semaphore",
        "--sem",
        "--fg",
        "--bg",
        "--wait",
        "--id");
    put("use --keep-going or --halt", "--halt-on-error");
    put("use --json", "--csv", "--sql", "--sqlmaster", "--sqlworker", "--sqlandworker");
  }

  private ParallelFlags() {}

  private static void put(String advice, String... flags) {
    List.of(flags).forEach(flag -> ADVICE.put(flag, advice));
  }

  /** Returns what to use in place of a flag; null if it is none of GNU parallel's. */
  static @Nullable String advice(String written) {
    int value = written.indexOf('=');
    String flag = value < 0 ? written : written.substring(0, value);
    String known = ADVICE.get(flag);
    // a short one with its value, such as -n2
    return known != null || flag.startsWith("--") || flag.length() < 2
        ? known
        : ADVICE.get(flag.substring(0, 2));
  }
}
