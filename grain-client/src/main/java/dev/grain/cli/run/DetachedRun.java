package dev.grain.cli.run;

import dev.grain.JobOptions;
import dev.grain.client.GrainClient;
import dev.grain.client.GrainClient.Submitted;
import dev.grain.client.GrainClientException;
import dev.grain.client.JobSpecException;
import dev.grain.client.JobSpecs;
import dev.grain.client.Problem;
import dev.grain.spec.JobSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Leaves the jobs of a command line to a head, and prints what the head knows them by: a line for
 * each, once it is on the disk of the head.
 */
final class DetachedRun {
  /** How many jobs are handed over at a time. */
  private static final int BATCH = 1000;

  /** How much of a command is the name of its job, in characters. */
  private static final int LONGEST_NAME = 60;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final GrainClient client;
  private final DetachFlags flags;
  private final boolean json;
  private final boolean quiet;
  private final Console console;
  private final List<JobSpec> batch = new ArrayList<>();
  private final List<String> inputs = new ArrayList<>();
  private long submitted;
  private long refused;
  private String lastId = "";

  DetachedRun(GrainClient client, DetachFlags flags, boolean json, boolean quiet, Console console) {
    this.client = client;
    this.flags = flags;
    this.json = json;
    this.quiet = quiet;
    this.console = console;
  }

  /** Submits a job for each input, and returns the exit code. */
  int run(Template template, Inputs all, JobOptions options) {
    return run(() -> {
      for (Iterator<Input> each = all.open(); each.hasNext(); ) {
        Input input = each.next();
        String problem = template.problem(input);
        if (problem != null) {
          refused++;
          console.say("job %s was not submitted: %s".formatted(input.number(), problem));
          continue;
        }
        JobSpec job = options.toSpec(template.command(input));
        add(flags.addTo(job, name(template.line(input))), input.text());
      }
    });
  }

  /** Submits the jobs of a file, and returns the exit code. */
  int run(Path jobFile) {
    return run(() -> {
      List<JobSpec> jobs;
      try {
        jobs = JobSpecs.read(jobFile);
      } catch (IOException e) {
        throw new IOException(
            "The job file %s cannot be read: %s".formatted(jobFile, e.getMessage()), e);
      } catch (JobSpecException e) {
        throw new IOException("The job file %s: %s".formatted(jobFile, e.getMessage()), e);
      }
      for (JobSpec each : jobs) {
        add(flags.addTo(each, ""), "");
      }
    });
  }

  private interface Adding {
    void run() throws IOException;
  }

  private int run(Adding adding) {
    try {
      adding.run();
      submit();
      tellEnd();
      return refused == 0 ? 0 : Session.FAILED;
    } catch (UncheckedIOException e) {
      return failed(Source.sentence(e));
    } catch (GrainClientException e) {
      String detail = String.valueOf(e.getMessage());
      return failed(e.problems().isEmpty() ? detail : detail + "\n" + lines(e.problems()));
    } catch (IOException | IllegalArgumentException e) {
      // such as a name that is not allowed, or mistakes in the job file
      return failed(String.valueOf(e.getMessage()));
    }
  }

  private static String lines(List<Problem> problems) {
    return String.join("\n", problems.stream().map(Problem::toString).toList());
  }

  private int failed(String why) {
    console.say(why);
    if (submitted > 0) {
      console.say(
          "%s submitted before that, and stay"
              .formatted(submitted == 1 ? "1 job was" : submitted + " jobs were"));
    }
    return Session.FAILED;
  }

  /** Returns what people recognize a command by. */
  private static String name(String line) {
    String plain = line.replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?").strip();
    return plain.codePointCount(0, plain.length()) <= LONGEST_NAME
        ? plain
        : plain.substring(0, plain.offsetByCodePoints(0, LONGEST_NAME - 3)).strip() + "...";
  }

  private void add(JobSpec job, String input) throws IOException {
    batch.add(job);
    inputs.add(input);
    if (batch.size() == BATCH) {
      submit();
    }
  }

  private void submit() throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    List<Submitted> all = client.submit(batch);
    for (int i = 0; i < all.size(); i++) {
      lastId = all.get(i).id();
      console.print(line(all.get(i), inputs.get(i)) + "\n");
    }
    console.flush();
    submitted += all.size();
    batch.clear();
    inputs.clear();
  }

  private String line(Submitted job, String input) {
    if (!json) {
      return job.id();
    }
    Map<String, String> object = new LinkedHashMap<>();
    object.put("id", job.id());
    object.put("state", job.state().name());
    object.put("input", input);
    return MAPPER.writeValueAsString(object);
  }

  private void tellEnd() {
    if (quiet) {
      return;
    }
    if (submitted == 0) {
      console.say("there were no inputs, so nothing was submitted");
    } else if (submitted == 1) {
      console.say(
          "the job is left to the head at %s; 'grain info %s' shows it"
              .formatted(client.head(), lastId));
    } else {
      console.say(
          "%s jobs are left to the head at %s; 'grain list' shows them"
              .formatted(submitted, client.head()));
    }
  }
}
