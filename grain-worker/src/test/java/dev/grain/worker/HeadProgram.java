package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.service.HeadProcess;
import dev.grain.service.HeadSettings;
import dev.grain.service.store.Submitted;
import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * A head that submits jobs to itself, each by its own id: in the next life those that were stored
 * are there already. Prints the id of each whose submission was acknowledged, and a last line.
 */
final class HeadProgram {
  private HeadProgram() {}

  /** Takes the data folder, the address, the key, the folder of the jobs, and their number. */
  static void main(String[] arguments) throws Exception {
    HeadSettings settings =
        HeadSettings.of(Path.of(arguments[0]))
            .withListen(Address.parse(arguments[1]))
            .withHttps(new Address("127.0.0.1", 0))
            .withKey(Path.of(arguments[2]));
    try (HeadProcess head = HeadProcess.start(settings)) {
      System.out.println("started");
      CompletableFuture<?>[] all = new CompletableFuture<?>[Integer.parseInt(arguments[4])];
      for (int i = 0; i < all.length; i++) {
        all[i] =
            head.jobs()
                .submit("ada", Optional.empty(), List.of(job(Path.of(arguments[3]), "job-" + i)))
                .thenAccept(HeadProgram::print);
      }
      CompletableFuture.allOf(all).join();
      System.out.println("submitted");
      new CountDownLatch(1).await();
    }
  }

  private static void print(List<Submitted> submitted) {
    System.out.println(submitted.getFirst().id());
  }

  /** Returns a job that takes a moment, and notes that it has begun. */
  private static JobSpec job(Path folder, String id) {
    return JobSpec.of(WorkSpec.shell("echo run >> %s; sleep 0.02".formatted(folder.resolve(id))))
        .withId(id)
        .withResources(cpu(1).and(memory("1MiB")));
  }
}
