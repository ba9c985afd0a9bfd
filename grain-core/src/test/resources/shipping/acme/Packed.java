package acme;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;
import dev.grain.RunOptions;
import dev.grain.function.Fn0;
import dev.grain.shipping.Program;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import lib.Words;

/** A user's program in one file; prints what a job finds of it, here and in another process. */
public final class Packed {
  private Packed() {}

  public static void main(String[] args) throws Throwable {
    Fn0<String> found = Packed::found;
    try (GrainExecutor here = GrainExecutor.open(RunOptions.defaults().progress(false))) {
      System.out.println("here: " + here.exec(cpu(1), found));
    }
    try (Program elsewhere = new Program()) {
      System.out.println("elsewhere: " + elsewhere.call(found));
    }
  }

  private static String found() throws Exception {
    try (InputStream in = Packed.class.getResourceAsStream("/packed.txt")) {
      return "resource %s, library %s, services %s, version %s"
          .formatted(
              in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8),
              Words.resource(),
              Words.spoken(),
              Packed.class.getPackage().getImplementationVersion());
    }
  }
}
