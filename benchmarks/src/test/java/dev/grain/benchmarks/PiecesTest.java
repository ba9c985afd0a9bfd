package dev.grain.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.grain.benchmarks.pieces.CallBenchmark;
import dev.grain.benchmarks.pieces.GroupBenchmark;
import dev.grain.benchmarks.pieces.SlotsBenchmark;
import dev.grain.benchmarks.pieces.SubmitBenchmark;
import org.junit.jupiter.api.Test;

/** Each piece does what its name states, whatever time it takes. */
final class PiecesTest {
  @Test
  void calls_thereAndBack_areTheSame() throws Throwable {
    CallBenchmark calls = new CallBenchmark();

    assertThat(calls.decodeCallGrain()).isEqualTo(13);
    assertThat(calls.decodeIntGrain()).isEqualTo(13);
    assertThat(calls.decodeRecordGrain())
        .hasToString("Molecule[name=water, atoms=[Atom[symbol=O, mass=15.999]]]");
    assertThat(calls.encodeCallGrain().arguments().length()).isPositive();
    assertThat(calls.encodeIntGrain().length()).isPositive();
    assertThat(calls.encodeRecordGrain().length()).isPositive();
  }

  @Test
  void slots_takenAndReleased_areThereAgain() {
    SlotsBenchmark slots = new SlotsBenchmark();

    assertThatCode(
            () -> {
              for (int i = 0; i < 100; i++) {
                slots.oneSlotGrain();
                slots.severalSlotsGrain();
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void jobsAndTasks_submitted_giveTheSame() throws Exception {
    SubmitBenchmark submit = new SubmitBenchmark();
    try {
      assertThat(submit.execGrain()).isEqualTo(submit.execPlain()).isEqualTo(13);
      assertThat(submit.submitGrain()).isEqualTo(submit.submitPlain()).isEqualTo(500_500);
    } finally {
      submit.close();
    }
  }

  @Test
  void groupsAndScopes_openAndClose() throws Throwable {
    GroupBenchmark groups = new GroupBenchmark();
    try {
      groups.openGrain();
      groups.openPlain();
      groups.forkGrain();
      groups.forkPlain();
    } finally {
      groups.close();
    }
  }
}
