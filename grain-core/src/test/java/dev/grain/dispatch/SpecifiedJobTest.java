package dev.grain.dispatch;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.grain.Code;
import dev.grain.message.CodeRef;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a head that many programs share makes of specs. */
final class SpecifiedJobTest {
  private static final SpecifiedJob.Maker MAKER = SpecifiedJob.maker();

  @Test
  void make_command_hasAllOfTheSpec() {
    JobSpec spec =
        JobSpec.of(WorkSpec.command("true"))
            .withName("n")
            .withResources(cpu(2))
            .withPriority(7)
            .withTimeLimit(Duration.ofSeconds(3))
            .withRetries(new RetrySpec(2, Duration.ZERO, 1, Duration.ZERO));
    JobTemplate template = MAKER.make(spec).template();
    assertThat(template.name()).isEqualTo("n");
    assertThat(template.demand()).isEqualTo(Demand.of(cpu(2)));
    assertThat(template.priority()).isEqualTo(7);
    assertThat(template.timeLimit()).isEqualTo(3_000_000_000L);
    assertThat(template.retries().most()).isEqualTo(2);
    assertThat(template.spec().work()).isInstanceOf(Work.Command.class);
  }

  @Test
  void make_sameSpec_isEqual_heldOrNot() {
    JobSpec spec = JobSpec.of(WorkSpec.shell("echo $HOME"));
    assertThat(MAKER.make(spec)).isEqualTo(MAKER.make(spec.withHold(true)));
  }

  @Test
  void make_functionByName_needsNoClassesOfTheHead() {
    JobSpec spec =
        JobSpec.of(WorkSpec.function("com.acme.Jobs::energy", "3"))
            .withSetting(SettingSpec.NONE.withCode(Code.none()));
    assertThat(MAKER.make(spec).template().spec().setting().code()).isEqualTo(CodeRef.NONE);
  }

  @Test
  void make_functionWithoutCode_isRefused() {
    JobSpec spec = JobSpec.of(WorkSpec.function("com.acme.Jobs::energy", "3"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MAKER.make(spec))
        .withMessageContaining("in which code");
  }

  @Test
  void fix_leavesWhatDoesNotMove() {
    JobSpec spec =
        JobSpec.of(WorkSpec.command("true"))
            .withSetting(
                SettingSpec.NONE
                    .withCode(Code.git("https://localhost/a").commit("a".repeat(40)))
                    .withIsolation(
                        IsolationSpec.container(
                            "localhost:1/a@sha256:%s".formatted("b".repeat(64)))));
    JobSpec fixed = MAKER.fix(spec);
    assertThat(fixed.setting().code()).isEqualTo(spec.setting().code());
    assertThat(MAKER.fix(fixed)).isEqualTo(fixed);
  }

  @Test
  void fix_branchThatCannotBeLookedUp_isRefused() {
    JobSpec spec =
        JobSpec.of(WorkSpec.command("true"))
            .withSetting(SettingSpec.NONE.withCode(Code.git("https://localhost/a").branch("b")));
    // the library that asks git servers is not on this class path
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MAKER.fix(spec))
        .withMessageContaining("dev.grain:grain-worker");
  }
}
