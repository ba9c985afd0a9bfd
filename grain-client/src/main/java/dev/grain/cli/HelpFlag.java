package dev.grain.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The flag that has a command and its subcommands print what they do. */
public final class HelpFlag {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Print this text.")
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private boolean help;

  /** Makes the flag. */
  public HelpFlag() {}
}
