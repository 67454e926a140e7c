process LUPUSPGX_ANALYZE {
    tag "${meta.id}"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "${params.lupuspgx_container ?: 'lupus-pgx:0.1.0'}"

    input:
    tuple val(meta), path(vcf), path(index)

    output:
    tuple val(meta), path("${prefix}/drugs.tsv")     , emit: drugs
    tuple val(meta), path("${prefix}/diplotypes.tsv"), emit: diplotypes
    tuple val(meta), path("${prefix}/*.tsv")         , emit: tables
    tuple val(meta), path("${prefix}/provenance.json"), emit: provenance
    tuple val(meta), path("${prefix}/*_mqc.json")    , emit: multiqc
    path "versions.yml"                              , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    lupus-pgx analyze \\
        ${args} \\
        --format tsv,multiqc \\
        -o ${prefix} \\
        ${vcf}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        lupus-pgx: \$(lupus-pgx --version | sed 's/^lupus-pgx //')
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}
    touch ${prefix}/drugs.tsv ${prefix}/diplotypes.tsv ${prefix}/provenance.json
    touch ${prefix}/lupus_pgx_general_mqc.json ${prefix}/lupus_pgx_calls_mqc.json

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        lupus-pgx: \$(lupus-pgx --version | sed 's/^lupus-pgx //')
    END_VERSIONS
    """
}
