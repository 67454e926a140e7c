import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.NpmPackageValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Validate bundles against FHIR R4 and the profiles of hl7.fhir.uv.genomics-reporting, without a network.
 *
 * <p>Usage: java ... Validate terminology|structure FILE... ; the package stands on the class path as guide.tgz. Exits with
 * 1 if any file has an error. Like messages are counted. See docs/fhir.md.
 */
public class Validate {
  public static void main(String[] arguments) throws Exception {
    FhirContext context = FhirContext.forR4();
    NpmPackageValidationSupport guide = new NpmPackageValidationSupport(context);
    guide.loadPackageFromClasspath("classpath:guide.tgz");
    FhirInstanceValidator rules = new FhirInstanceValidator(new ValidationSupportChain(
        new DefaultProfileValidationSupport(context), guide, new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context), new SnapshotGeneratingValidationSupport(context)));
    rules.setAnyExtensionsAllowed(false);
    rules.setErrorForUnknownProfiles(true);
    rules.setNoTerminologyChecks(arguments[0].equals("structure"));
    FhirValidator validator = context.newValidator();
    validator.registerValidatorModule(rules);
    boolean valid = true;
    for (int number = 1; number < arguments.length; number++) {
      var result = validator.validateWithResult(Files.readString(Path.of(arguments[number])));
      valid &= result.isSuccessful();
      Map<String, Integer> counts = new TreeMap<>();
      for (SingleValidationMessage message : result.getMessages()) {
        String text = message.getMessage().replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "UUID");
        counts.merge(message.getSeverity() + ": " + text, 1, Integer::sum);
      }
      System.out.println(arguments[number] + (result.isSuccessful() ? ": no error" : ": errors"));
      counts.forEach((text, count) -> System.out.println("  " + count + " x " + text));
    }
    System.exit(valid ? 0 : 1);
  }
}
