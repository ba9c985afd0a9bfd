package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.bundle.Bundles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On what the keys of commands in a journal depend. */
final class JobKeysTest {
  private static final ClassLoader LOADER = JobKeysTest.class.getClassLoader();

  private final Run run = Run.open(RunOptions.defaults());
  private final Codec codec = new Codec(LOADER);
  private final JobKeys keys = new JobKeys(codec, new Bundles(LOADER, _ -> false));

  @AfterEach
  void close() {
    run.close(true);
  }

  /** Returns the key of the first job of a program. */
  private Bytes key(JobOptions options) {
    JobBody body = JobBody.Started.of(Command.of("train"));
    JobBody.Encoded encoded = body.encode(codec, Long.MAX_VALUE);
    Bytes key =
        keys.of(
            SubmissionPath.ofRun(),
            options,
            body,
            encoded,
            new Templates(run).of(options, encoded).template().spec().setting());
    assertThat(key).isNotNull();
    return key;
  }

  private Bytes keyIn(Isolation container) {
    return key(JobOptions.of(cpu(1)).in(container));
  }

  @Test
  void key_dependsOnTheContainer() {
    List<Isolation> containers =
        List.of(
            Isolation.localImage("train:1"),
            Isolation.localImage("train:2"),
            Isolation.apptainer("/images/train-1.sif"),
            Isolation.apptainer("/images/train-2.sif"),
            Isolation.apptainer("/images/train-2.sif").env("LEVEL", "3"),
            Isolation.apptainer("/images/train-2.sif").mount(Path.of("/data"), "/data"));

    assertThat(containers.stream().map(this::keyIn))
        .doesNotHaveDuplicates()
        .doesNotContain(key(JobOptions.of(cpu(1))))
        .isEqualTo(containers.stream().map(this::keyIn).toList());
  }
}
