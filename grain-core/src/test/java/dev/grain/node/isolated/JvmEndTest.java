package dev.grain.node.isolated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.message.AttemptEnd;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JvmEndTest {
  @TempDir private Path folder;

  private static JvmEnd end(int code, String printed) {
    return new JvmEnd(code, printed, "", null);
  }

  @Test
  void jvm_thatExits_namesItsCodeAndWhatItPrinted() {
    assertThat(end(3, "").failure()).hasMessage("Its JVM exited with code 3 (System.exit?)");
    assertThat(end(0, "a\nb\n").failure())
        .hasMessage("Its JVM exited with code 0 (System.exit?); it printed:\na\nb");
  }

  @Test
  void jvm_thatIsKilled_namesTheSignal() {
    assertThat(end(137, "").failure())
        .hasMessage(
            "Its JVM was killed by SIGKILL (possibly by the system, because memory ran out)")
        .satisfies(e -> assertThat(e.signal()).contains("SIGKILL"));
    assertThat(end(143, "").failure()).hasMessage("Its JVM was killed by SIGTERM");
  }

  @Test
  void jvm_thatCrashes_namesTheSignalOfItsReport() {
    String report =
        """
        #
        # A fatal error has been detected by the Java Runtime Environment:
        #
        #  SIGSEGV (0xb) at pc=0x1, pid=1, tid=2
        #
        """;
    assertThat(end(1, report).failure())
        .hasMessageStartingWith("Its JVM crashed by SIGSEGV; it printed:\n#\n# A fatal error")
        .satisfies(e -> assertThat(e.signal()).contains("SIGSEGV"));
  }

  @Test
  void jvm_thatCrashes_doesNotNameItsReport_whichIsRemoved() {
    String report =
        """
        # A fatal error has been detected by the Java Runtime Environment:
        #  SIGSEGV (0xb) at pc=0x1, pid=1, tid=2
        # Problematic frame:
        # V  [libjvm.so+0x1]
        #
        # An error report file with more information is saved as:
        # %s
        #
        """;
    JvmEnd removed = new JvmEnd(134, report.formatted("/tmp/grain-jvm-1/crash"), "# A fatal", null);
    assertThat(removed.failure().getMessage()).endsWith("# V  [libjvm.so+0x1]\n#");
    JvmEnd kept = new JvmEnd(134, report.formatted("/var/tmp/mine"), "", null);
    assertThat(kept.failure().getMessage()).endsWith("# /var/tmp/mine\n#");
  }

  @Test
  void jvm_thatTellsOfItsVariables_hasPrintedNothing() {
    String told = "NOTE: Picked up JDK_JAVA_OPTIONS: -ea\nPicked up JAVA_TOOL_OPTIONS: -Dx=y\n";
    assertThat(end(3, told).failure()).hasMessage("Its JVM exited with code 3 (System.exit?)");
  }

  @Test
  void jvm_thatWasKilled_isTold_fromOneThatExitsOrCrashes() {
    assertThat(end(137, "").isKilled()).isTrue();
    assertThat(end(143, "").isKilled()).isFalse();
    assertThat(end(3, "").isKilled()).isFalse();
  }

  @Test
  void jvm_withoutMemory_namesItsHeapAndWhatWasRequested_andSaysWhatToDo() {
    String error = "java.lang.OutOfMemoryError: Java heap space";
    assertThat(JvmEnd.outOfMemory(error, 48 << 20, 64 << 20).reason())
        .isEqualTo(
            "its JVM used up its memory, a heap of 48 MiB (%s); it requested 64 MiB, of which three"
                    .formatted(error)
                + " quarters are the heap; request more, for example memory(\"128MiB\")");
    assertThat(JvmEnd.outOfMemory(error, 1 << 30, 0).reason())
        .isEqualTo(
            "its JVM used up its memory, a heap of 1 GiB (%s); request memory, or pass the flag -Xmx"
                    .formatted(error)
                + " for a larger heap, for example -Xmx2048m");
  }

  @Test
  void jvm_thatCouldOnlyNoteTheEndOfItsMemory_endsAsOneThatTellsIt() throws IOException {
    AttemptEnd.OutOfMemory told = JvmEnd.outOfMemory("two\nlines", 48 << 20, 0);
    assertThat(told.limit()).isEqualTo(48 << 20);
    assertThat(told.peak()).isNegative();
    JvmFolder left = JvmFolder.ofThisJvm(folder);
    assertThat(JvmEnd.of(new RunningJvm.Exit(70, null, null), left).outOfMemory()).isNull();
    ExhaustedNote.write(left.exhausted(), told);
    assertThat(JvmEnd.of(new RunningJvm.Exit(70, null, null), left).outOfMemory()).isEqualTo(told);
  }

  @Test
  void note_ofAThreadThatWasInterrupted_isWritten() {
    AttemptEnd.OutOfMemory told = JvmEnd.outOfMemory("full", 48 << 20, 0);
    Thread.currentThread().interrupt();
    try {
      ExhaustedNote.write(folder.resolve("note"), told);
    } finally {
      Thread.interrupted();
    }
    assertThat(ExhaustedNote.read(folder.resolve("note"))).isEqualTo(told);
  }

  @Test
  void processesAboveTheirMemory_areTheReason_onlyIfTheJvmItselfWasKilled() {
    AttemptEnd.OutOfMemory above = new AttemptEnd.OutOfMemory("above", 5, 6);
    JvmFolder left = JvmFolder.ofThisJvm(folder);
    assertThat(JvmEnd.of(new RunningJvm.Exit(137, above, null), left).outOfMemory())
        .isEqualTo(above);
    assertThat(JvmEnd.of(new RunningJvm.Exit(1, above, null), left).outOfMemory()).isNull();
  }

  @Test
  void longOutput_isCutAtItsBegin() {
    String printed = "x".repeat(5_000) + "end";
    assertThat(end(1, printed).failure().getMessage()).hasSizeLessThan(2_100).endsWith("xend");
  }
}
