package dev.grain.service.log;

import dev.grain.bytes.Bytes;
import java.nio.file.Path;
import java.util.Random;

/** Goes on with the log of a job until it is killed, and tells what is written. */
final class LoggingProgram {
  private LoggingProgram() {}

  /** Returns a line of the log, from 0 on. */
  static String line(int number) {
    return number + " " + "x".repeat(new Random(number).nextInt(300)) + "\n";
  }

  /** Takes the folder, and the number of the first line. */
  @SuppressWarnings("SystemOut")
  public static void main(String... arguments) throws Exception {
    int number = Integer.parseInt(arguments[1]);
    try (Logs logs = Logs.open(Path.of(arguments[0]), LogsTest.SMALL, 7)) {
      while (true) {
        for (int i = 0; i < 20; i++) {
          logs.print(7, 1, Bytes.utf8(line(number)), number % 2 == 1);
          number++;
        }
        logs.awaitWritten(7);
        System.out.println(number);
      }
    }
  }
}
