"""Parameters that several operations of the interface take, with what each means."""

from typing import Annotated

from fastapi import Path, Query

Words = Annotated[str, Query(max_length=200, description="Words to find, in any spelling.")]
NameOfRegimen = Annotated[str, Path(description="Of a regimen of the library.", examples=["calgb-19808"])]
NameOfModel = Annotated[str, Path(max_length=80, description="Of a model.", examples=["il2-immune"])]
NameOfStudy = Annotated[str, Path(max_length=80, description="Of a published study.", examples=["KOLITZ2014"])]
NameOfPool = Annotated[str, Path(max_length=80, description="Of a pool of studies.", examples=["aml-cr1"])]
NameOfRun = Annotated[str, Path(description="The id of a run.")]
NameOfFile = Annotated[str, Path(description="One of the run's files.", examples=["summary.json"])]
