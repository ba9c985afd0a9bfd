package dev.grain.cli.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;

/** Prints the commands that would be run. */
final class DryRun {
  private final Template template;
  private final Inputs inputs;
  private final Console console;

  DryRun(Template template, Inputs inputs, Console console) {
    this.template = template;
    this.inputs = inputs;
    this.console = console;
  }

  /** Prints a line for each job, and returns the exit code. */
  int run() {
    boolean complete = true;
    try {
      for (Iterator<Input> all = inputs.open(); all.hasNext(); ) {
        Input input = all.next();
        String problem = template.problem(input);
        if (problem == null) {
          console.print(template.line(input) + "\n");
        } else {
          complete = false;
          console.say("job %s would not be started: %s".formatted(input.number(), problem));
        }
      }
      console.flush();
    } catch (UncheckedIOException e) {
      console.say(Source.sentence(e));
      return Session.FAILED;
    } catch (IOException e) {
      return Session.UNREAD;
    }
    return complete ? 0 : Session.FAILED;
  }
}
