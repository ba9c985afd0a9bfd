package dev.grain.top;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.cli.Mistake;
import dev.tamboui.buffer.DiffResult;
import dev.tamboui.layout.Position;
import dev.tamboui.layout.Size;
import dev.tamboui.terminal.Backend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code mtop} takes over a terminal, and gives it back. */
final class TopCommandTest {
  private static final int NOTHING = -2;

  @TempDir private Path folder;

  private final ByteArrayOutputStream noted = new ByteArrayOutputStream();
  private final AtomicInteger signal = new AtomicInteger();
  private final Terminal terminal = new Terminal();

  /** A terminal in memory: the test presses its keys, and reads its screen. */
  private static final class Terminal implements Backend {
    private static final int WIDTH = 80;
    private static final int HEIGHT = 24;

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final LinkedBlockingQueue<Integer> keys = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> screens = new LinkedBlockingQueue<>();
    // only accessed by the thread that draws
    private final char[][] cells = new char[HEIGHT][WIDTH];
    // set by the test
    private volatile boolean broken;
    // only accessed by the thread that reads
    private @Nullable Integer peeked;

    Terminal() {
      for (char[] line : cells) {
        Arrays.fill(line, ' ');
      }
    }

    void press(String letters) {
      letters.chars().forEach(keys::add);
    }

    /** Waits until a text is on the screen. */
    void awaitText(String text) throws InterruptedException {
      while (!screens.take().contains(text)) {
        // the next screen
      }
    }

    @Override
    public void draw(DiffResult changes) throws IOException {
      if (broken) {
        throw new IOException("the terminal is gone");
      }
      for (int i = 0; i < changes.size(); i++) {
        String symbol = changes.getCell(i).symbol();
        cells[changes.getY(i)][changes.getX(i)] = symbol.isEmpty() ? ' ' : symbol.charAt(0);
      }
      screens.add(Arrays.stream(cells).map(String::new).collect(Collectors.joining("\n")));
    }

    @Override
    public void flush() {}

    @Override
    public void clear() {}

    @Override
    public Size size() {
      return new Size(WIDTH, HEIGHT);
    }

    @Override
    public void showCursor() {
      calls.add("show cursor");
    }

    @Override
    public void hideCursor() {
      calls.add("hide cursor");
    }

    @Override
    public Position getCursorPosition() {
      return Position.ORIGIN;
    }

    @Override
    public void setCursorPosition(Position position) {}

    @Override
    public void enterAlternateScreen() {
      calls.add("enter screen");
    }

    @Override
    public void leaveAlternateScreen() {
      calls.add("leave screen");
    }

    @Override
    public void enableRawMode() {
      calls.add("enable raw");
    }

    @Override
    public void disableRawMode() {
      calls.add("disable raw");
    }

    @Override
    public void onResize(Runnable handler) {}

    @Override
    public int read(int timeout) throws IOException {
      Integer key = peeked;
      peeked = null;
      return key == null ? next(timeout) : key;
    }

    @Override
    public int peek(int timeout) throws IOException {
      if (peeked == null) {
        int key = next(timeout);
        if (key == NOTHING) {
          return NOTHING;
        }
        peeked = key;
      }
      return peeked;
    }

    private int next(int timeout) throws IOException {
      try {
        Integer key = keys.poll(timeout, TimeUnit.MILLISECONDS);
        return key == null ? NOTHING : key;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }

    @Override
    public void close() {
      calls.add("close");
    }
  }

  private TopCommand command() {
    return new TopCommand(
        new PrintStream(noted, true, UTF_8), folder, Map.of("LANG", "C.UTF-8"), () -> Sample.NOW);
  }

  private void assertGivenBack() {
    assertThat(terminal.calls)
        .containsSubsequence("enable raw", "enter screen", "leave screen", "close");
    assertThat(terminal.calls).contains("show cursor");
  }

  @Test
  void user_seesMinions_andQuits() throws Exception {
    Sample.write(folder.resolve("minion-report"));
    TopCommand command = command();
    Thread user =
        Thread.ofVirtual()
            .start(() -> {
              try {
                terminal.awaitText("3 minions, 2 at work");
                terminal.press("q");
              } catch (InterruptedException e) {
                // the test is over
              }
            });
    command.run(Path.of("minion-report"), terminal, signal);
    user.join();
    assertGivenBack();
  }

  @Test
  void folder_thatIsMissing_isWaitedFor() throws Exception {
    TopCommand command = command();
    Thread user =
        Thread.ofVirtual()
            .start(() -> {
              try {
                terminal.awaitText("there is no folder");
                Sample.write(folder.resolve("minion-report"));
                terminal.awaitText("igrida-13");
                terminal.press("q");
              } catch (InterruptedException | IOException e) {
                signal.set(1);
              }
            });
    command.run(Path.of("minion-report"), terminal, signal);
    user.join();
    assertThat(signal).hasValue(0);
  }

  @Test
  void signal_givesTheTerminalBack() throws Exception {
    signal.set(15);
    command().run(Path.of("minion-report"), terminal, signal);
    assertGivenBack();
  }

  @Test
  void terminal_thatFails_endsTheCommand() throws Exception {
    terminal.broken = true;
    TopCommand command = command();
    command.run(Path.of("minion-report"), terminal, signal);
    assertThat(terminal.calls).endsWith("close");
    assertThat(command.failure()).hasMessageContaining("the terminal is gone");
  }

  @Test
  void folder_isThatOfTheMinionsFile() throws IOException {
    Files.writeString(folder.resolve(".minion.yml"), "reporter: stdout\n");
    assertThatThrownBy(() -> command().call())
        .isInstanceOf(Mistake.class)
        .hasMessageStartingWith("stdout reports no stat");
  }

  @Test
  void processWithoutATerminal_isToldWhatToUse() throws Exception {
    assertThat(command().call()).isEqualTo(2);
    assertThat(noted.toString(UTF_8)).contains("this is not a terminal").contains("minion-status");
  }
}
