package dev.grain.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no signals")
final class SignalsTest {
  @Test
  void sendToGroup_processThatDoesNotLeadItsGroupYet_getsTheSignal() throws Exception {
    Process process = sleep();
    Signals.sendToGroup(Signals.KILL, process.pid());
    assertThat(process.waitFor()).isEqualTo(128 + Signals.KILL);
  }

  @Test
  void send_toWhatIsNotThere_saysSo() throws Exception {
    Process process = sleep();
    // it is in the group of this process
    assertThat(Signals.send(Signals.TERM, -process.pid())).isFalse();
    assertThat(Signals.send(Signals.TERM, process.pid())).isTrue();
    assertThat(process.waitFor()).isEqualTo(128 + Signals.TERM);
  }

  private static Process sleep() throws IOException {
    return new ProcessBuilder("sleep", "1000").start();
  }
}
