package dev.grain.client;

import dev.grain.spec.JobSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes jobs as JSON and as YAML 1.2. A text has up to 1 MiB, and is one job, a list of
 * jobs, or a group of the keys {@code jobs} and {@code defaults}.
 *
 * <pre>{@code
 * List<JobSpec> jobs = JobSpecs.read(Path.of("job.yml"));
 * }</pre>
 *
 * <p>Everything that reads throws a {@link JobSpecException} with all mistakes of the text. What is
 * written is read as an equal spec.
 */
public final class JobSpecs {
  private static final String SCHEMA = "job.schema.json";

  private JobSpecs() {}

  // ---------------------------------------------------------------- reading

  /**
   * Reads the jobs of a file: JSON if its name ends with {@code .json}, and otherwise YAML.
   *
   * @throws IOException if it cannot be read
   */
  public static List<JobSpec> read(Path file) throws IOException {
    boolean json = file.toString().toLowerCase(Locale.ROOT).endsWith(".json");
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(TreeBuilding.MOST_BYTES + 1);
    }
    Problems problems = new Problems();
    String text = decode(bytes, problems);
    return json ? readJson(text) : readYaml(text);
  }

  /** Reads the jobs of JSON; at least one. */
  public static List<JobSpec> readJson(String json) {
    return read(json, JsonTree::read);
  }

  /** Reads the jobs of YAML; at least one. */
  public static List<JobSpec> readYaml(String yaml) {
    return read(yaml, YamlTree::read);
  }

  /** Reads JSON of one job, which is no list. */
  public static JobSpec readOne(String json) {
    Problems problems = new Problems();
    JobSpec job = new SpecReader(problems).job(tree(json, JsonTree::read, problems));
    problems.ensureNone();
    return Objects.requireNonNull(job);
  }

  /** Makes a tree of a text; returns null after it has taken note of a problem. */
  private interface Format {
    @Nullable Node tree(String text, Problems problems);
  }

  private static List<JobSpec> read(String text, Format format) {
    Problems problems = new Problems();
    List<JobSpec> jobs = new JobFile(problems).jobs(tree(text, format, problems));
    problems.ensureNone();
    return List.copyOf(jobs);
  }

  private static Node tree(String text, Format format, Problems problems) {
    ensureSmall(text.length(), problems);
    ensureSmall(utf8Length(text), problems);
    // Windows puts a mark in front of UTF-8
    Node tree = format.tree(text.startsWith("\uFEFF") ? text.substring(1) : text, problems);
    if (tree == null) {
      problems.ensureNone();
      throw new AssertionError("There is neither a tree nor a problem");
    }
    return tree;
  }

  private static long utf8Length(String text) {
    return text.codePoints()
        .mapToLong(each -> each < 0x80 ? 1 : each < 0x800 ? 2 : each < 0x10000 ? 3 : 4)
        .sum();
  }

  private static void ensureSmall(long bytes, Problems problems) {
    if (bytes > TreeBuilding.MOST_BYTES) {
      problems.add(
          Node.Place.top(0, 0),
          "The text has more than 1 MiB. Put large values into files that the job reads, and many jobs into several files.",
          "",
          "");
      problems.ensureNone();
    }
  }

  private static String decode(byte[] bytes, Problems problems) {
    ensureSmall(bytes.length, problems);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      problems.add(Node.Place.top(0, 0), "The text is not in UTF-8.", "", "");
      problems.ensureNone();
      throw new AssertionError(e);
    }
  }

  // ---------------------------------------------------------------- writing

  /**
   * Returns a job as JSON in one line.
   *
   * @throws IllegalArgumentException if an argument of its function is no JSON
   */
  public static String toJson(JobSpec job) {
    return JsonText.write(SpecWriter.write(job));
  }

  /** Returns jobs as a list in JSON; see {@link #toJson(JobSpec)}. */
  public static String toJson(List<JobSpec> jobs) {
    return JsonText.write(jobs.stream().map(SpecWriter::write).toList());
  }

  /**
   * Returns a job as YAML.
   *
   * @throws IllegalArgumentException if an argument of its function is no JSON
   */
  public static String toYaml(JobSpec job) {
    return YamlText.write(SpecWriter.write(job));
  }

  /** Returns jobs as a list in YAML; see {@link #toYaml(JobSpec)}. */
  public static String toYaml(List<JobSpec> jobs) {
    return YamlText.write(jobs.stream().map(SpecWriter::write).toList());
  }

  // ---------------------------------------------------------------- the schema

  /** Returns the JSON schema (draft 2020-12) of what is read. */
  public static String schema() {
    try (InputStream in = JobSpecs.class.getResourceAsStream(SCHEMA)) {
      if (in == null) {
        throw new IllegalStateException(
            SCHEMA + " is missing beside the classes of " + JobSpecs.class.getPackageName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
